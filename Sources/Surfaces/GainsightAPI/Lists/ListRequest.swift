import Contract
import Cryptography
import Gateway
import Text

/// What a list is asked for: filter, sort and page size, or where it goes on.
struct ListRequest {
    let filters: [String]
    let sort: String?
    let pageSize: Int
    /// Where the list goes on, as the room that keeps it gave it out; nil for the first page.
    let token: String?
    /// Tells queries apart; what is behind it in a scroll id is signed.
    private let digest: String

    /// - Throws: `APIError` 400 where the scroll id belongs to another list than the one that is asked for.
    init(_ request: OperationRequest) throws(APIError) {
        let filters = request.query.strings("filter").filter { !$0.isEmpty }
        let sort = request.query.string("sort")
        let pageSize = Int(request.query.integer("pageSize") ?? 20)
        (self.filters, self.sort, self.pageSize) = (filters, sort, pageSize)
        digest = Self.digest(filters, sort, pageSize)
        guard let scroll = request.query.string("scrollId") else {
            token = nil
            return
        }
        let parts = scroll.split(byte: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { throw Self.foreignScroll }
        // Some clients send everything again, some the scroll id alone.
        let given = ["filter", "sort", "pageSize"].filter { request.query.isGiven($0) }
        if !given.isEmpty, !parts[0].hasSameBytes(as: digest) { throw Self.otherScroll }
        token = parts[1]
    }

    static let foreignScroll = APIError.invalid(
        "scrollId", "scrollId is none that this list has given to this key; start again without it.")

    static let otherScroll = APIError.invalid(
        "scrollId",
        "scrollId belongs to a list with another filter, sort, pageSize or span; send those of its first page, or none."
    )

    /// The scroll id for what a room has given out.
    func scrollID(_ token: String) -> String { "\(digest).\(token)" }

    private static func digest(_ filters: [String], _ sort: String?, _ pageSize: Int) -> String {
        let text = (filters + ["", sort ?? "", "\(pageSize)"]).joined(separator: "\u{0}")
        return String(Digest(of: text.utf8).hexadecimal.prefix(16))
    }
}
