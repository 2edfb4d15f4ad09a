/// The parameters of a request as they came: names and values already percent-decoded, repeats kept in order.
public struct RawParameters: Sendable {
    /// Path parameters, as ``RouteMatch`` has them.
    public var path: [(name: String, value: String)]
    /// The items of the query, as ``query(_:)`` reads them.
    public var query: [(name: String, value: String)]
    /// Header fields; names are compared without regard to case.
    public var headers: [(name: String, value: String)]
    /// Cookies.
    public var cookies: [(name: String, value: String)]

    /// The parameters of a request.
    public init(
        path: [(name: String, value: String)] = [], query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], cookies: [(name: String, value: String)] = []
    ) {
        self.path = path
        self.query = query
        self.headers = headers
        self.cookies = cookies
    }

    /// The items of a query string, percent-decoded; `+` is a space. Split at the first `=` only. An item that is not
    /// valid UTF-8 or has a broken escape is kept as it stands.
    public static func query(_ text: some StringProtocol) -> [(name: String, value: String)] {
        text.utf8.split(separator: UInt8(ascii: "&")).map { item in
            let end = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            let value = end == item.endIndex ? item[item.endIndex...] : item[item.index(after: end)...]
            return (decode(item[..<end]), decode(value))
        }
    }

    private static func decode(_ bytes: some Collection<UInt8>) -> String {
        let spaced = bytes.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentDecoding.decode(spaced) ?? String(decoding: bytes, as: UTF8.self)
    }
}
