import Gateway
import HTTPTypes
import JSON
import Serving

/// What SDKs and pixels send to the tracking calls, read one visitor and one event at a time: what cannot be read is
/// refused alone, what cannot be a value is left out, and all of it is counted. Clients send a request that is refused as
/// a whole again and again, or drop it.
struct TrackingBody: Sendable {
    let accountID: String?
    let projectID: String?
    let batch: TrackingBatch
    /// What was wrong with the last one of each sort.
    let details: [String: String]

    /// A visitor's events have levels of their own.
    private static let lists = ["visitors", "events"]

    /// - Throws: `APIError` when the body is no JSON, or has no visitors.
    static func read(_ request: OperationRequest) async throws -> TrackingBody {
        guard case .bytes(let bytes, _, _) = request.body else { throw APIError(.badRequest, "A body is required.") }
        return try await request.read(bytes) { try TrackingBody($0) }
    }

    init(_ bytes: [UInt8]) throws(APIError) {
        let document: JSONElementwise
        do {
            document = try JSONElementwise(parsing: bytes, lists: Self.lists)
        } catch {
            throw APIError(
                .badRequest, error.message, fields: [APIError.Field(name: error.path, message: error.message)])
        }
        let root = document.root
        guard root.kind == .object else {
            throw APIError.invalid("", "The body must be a JSON object, got \(root.kind.phrase).")
        }
        if let events = root["ev"], root["visitors"] == nil {
            let pixel = TrackingPixel(root, events)
            (accountID, projectID) = (pixel.accountID, pixel.projectID)
            (batch, details) = (pixel.reader.batch, pixel.reader.details)
            return
        }
        guard let visitors = root["visitors"], visitors.kind == .array else {
            throw APIError.invalid("visitors", "visitors is required, and must be an array.")
        }
        var reader = TrackingReader(isEnriched: root["enrichData"]?.truth ?? false)
        for (index, visitor) in visitors.elements.enumerated() {
            reader.read(visitor, "visitors[\(index)]", in: document)
        }
        accountID = root["accountId"]?.identifier
        projectID = root["projectId"]?.identifier
        (batch, details) = (reader.batch, reader.details)
    }

    /// Whether it says whom it is for.
    var namesProject: Bool { ![accountID, projectID].contains { $0?.isEmpty ?? true } }

    /// What is named must be what the address is for.
    func check(projectID: Int64, accountID: Int64) throws(APIError) {
        for (member, named, id) in [("projectId", self.projectID, projectID), ("accountId", self.accountID, accountID)]
        {
            // Some SDKs send empty ids beside a key.
            guard let named, !named.isEmpty, named != String(id) else { continue }
            throw APIError.invalid(member, "\(member) is \(named.prefix(64)), and the address is for \(id).")
        }
    }
}

extension JSONNode {
    /// An id, which clients send as text or as a number; nil for anything else.
    var identifier: String? { string ?? plainNumber }

    /// An id that is a number; 0, which names nothing, for anything else.
    var numericIdentifier: Int64 { identifier.flatMap { Int64($0) } ?? 0 }

    /// Yes or no, as text too.
    var truth: Bool? { bool ?? (isString("true") || int64 == 1 ? true : nil) }

    /// Whether there is nothing: null, or an empty map, which PHP writes as an empty array.
    var isVoid: Bool { isNull || ((kind == .array || kind == .object) && count == 0) }
}
