/// The address of a page in the parts that rules ask for.
public struct PageAddress: Sendable, Hashable {
    /// The address without query and fragment.
    public let url: String
    /// The address with its query, without fragment.
    public let urlWithQuery: String
    /// The query without its question mark; empty when there is none.
    public let queryString: String

    /// Takes an address apart. Nothing is decoded or corrected: rules compare what the visitor's browser shows.
    public init(_ address: String) {
        let whole = address.utf8.prefix { $0 != UInt8(ascii: "#") }
        let path = whole.prefix { $0 != UInt8(ascii: "?") }
        url = String(Substring(path))
        urlWithQuery = String(Substring(whole))
        queryString = String(Substring(whole[path.endIndex...].dropFirst()))
    }
}
