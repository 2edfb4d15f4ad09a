import ControlStore
public import JSON

extension ResourceService {
    /// Turns a hypothesis into an entry of the knowledge base. The hypothesis stays.
    /// - Throws: ``ExperimentsError``.
    public func convertHypothesis(_ id: Int64, _ scope: ResourceScope) async throws -> JSONValue {
        try await store.write { database in
            let hypothesis = try find(.hypothesis, .id(id), scope, in: database)
            var body = JSONObject([("name", .string(hypothesis.name))])
            let kept = [
                "url", "objective", "summary", "description", "start_date", "end_date", "files",
                "prioritization_score_type", "prioritization_score_attributes",
            ]
            for field in kept { body[field] = hypothesis.document[field] }
            // The knowledge base requires a summary.
            if body["summary"] == nil { body["summary"] = .string(hypothesis.name) }
            let references = try Resource.references(of: [id], from: database)[id] ?? [:]
            for reference in ResourceDescription.knowledgeBases.references {
                if let ids = references[reference.field] { body[reference.field] = JSONValue(ids) }
            }
            let entry = try insert(.knowledgeBases, body, scope, in: database)
            return try showWhole(entry, .knowledgeBases, scope, in: database)
        }
    }
}
