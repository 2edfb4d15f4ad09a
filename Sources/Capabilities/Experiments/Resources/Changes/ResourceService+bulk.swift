public import JSON

extension ResourceService {
    /// Makes the same change to many resources. Each stands for itself: what fails spoils no other.
    /// - Returns: those that failed.
    /// - Throws: trouble of the store before anything was changed.
    public func update(
        _ description: ResourceDescription, _ ids: [Int64], _ body: JSONObject, _ scope: ResourceScope
    ) async throws -> [BulkFailure] {
        let patterns = await JudgedPatterns(of: [body])
        return try await BulkChange(store).run(ids) { id, database in
            try change(description, id, body, scope, patterns, in: database)
        }
    }

    /// Deletes many resources.
    /// - Returns: those that stay.
    /// - Throws: trouble of the store before anything was deleted.
    public func delete(
        _ description: ResourceDescription, _ ids: [Int64], _ scope: ResourceScope
    ) async throws -> [BulkFailure] {
        try await BulkChange(store).run(ids) { id, database in try remove(description, id, scope, in: database) }
    }
}
