import ControlStore
public import JSON

/// One of many that could not be dealt with.
public struct BulkFailure: Sendable, Equatable {
    public let id: Int64
    public let message: String

    public init(id: Int64, message: String) {
        self.id = id
        self.message = message
    }
}

extension ResourceService {
    /// Makes the same change to many resources. Each stands for itself: what fails spoils no other.
    /// - Returns: those that failed, in the order of the ids.
    public func update(
        _ description: ResourceDescription, _ ids: [Int64], _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> [BulkFailure] {
        let patterns = await JudgedPatterns(of: [body])
        return try await forEach(ids) { id, database in
            try change(description, id, body, scope, patterns, in: database)
        }
    }

    /// Deletes many resources.
    public func delete(
        _ description: ResourceDescription, _ ids: [Int64], _ scope: ResourceScope
    ) async throws -> [BulkFailure] {
        try await forEach(ids) { id, database in try remove(description, id, scope, in: database) }
    }

    /// Resources that are changed before others have their turn.
    private static let atOnce = 10

    private func forEach(
        _ ids: [Int64], _ body: @escaping @Sendable (Int64, Database) throws -> Void
    ) async throws -> [BulkFailure] {
        var seen: Set<Int64> = []
        let ids = ids.filter { seen.insert($0).inserted }
        var failures: [BulkFailure] = []
        for start in stride(from: 0, to: ids.count, by: Self.atOnce) {
            let part = ids[start..<min(start + Self.atOnce, ids.count)]
            failures += try await store.write { database in
                try part.compactMap { id in
                    do {
                        try database.savepoint {
                            try body(id, database)
                        }
                        return nil
                    } catch let error as ExperimentsError {
                        return BulkFailure(id: id, message: error.description)
                    }
                }
            }
        }
        return failures
    }
}
