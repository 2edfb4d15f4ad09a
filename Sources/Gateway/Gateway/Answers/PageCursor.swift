import Foundation

/// An opaque place in a list: the id of the last row of a page. Clients pass it back as they got it.
public struct PageCursor: Sendable {
    public let lastID: Int64

    public init(lastID: Int64) {
        self.lastID = lastID
    }

    private static let prefix = "after:"

    /// The text that clients see.
    public var text: String {
        Data("\(Self.prefix)\(lastID)".utf8).base64EncodedString().replacing("=", with: "")
    }

    /// - Parameter field: the parameter it came in, named in the error.
    /// - Throws: `APIError` 400 for a text that is no cursor of ours.
    public init(text: String, field: String) throws(APIError) {
        let padded = text + String(repeating: "=", count: (4 - text.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: padded), let decoded = String(data: data, encoding: .utf8),
            decoded.hasPrefix(Self.prefix), let id = Int64(decoded.dropFirst(Self.prefix.count))
        else { throw APIError.invalid(field, "\(field) is not a cursor that this server gave out.") }
        lastID = id
    }
}
