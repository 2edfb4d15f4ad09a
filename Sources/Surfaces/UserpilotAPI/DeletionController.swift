import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON

/// `deleteUsers` and `deleteCompanies`: a JSON body on DELETE, as the vendor's clients send it.
struct DeletionController: Sendable {
    let deletions: DeletionService

    /// Ids of one call.
    private static let maximumIDs = 10_000

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("deleteUsers", allow: .manage) { key, request in try await delete(.users, key, request) }
        surface.on("deleteCompanies", allow: .manage) { key, request in try await delete(.companies, key, request) }
    }

    private func delete(
        _ subject: DeletionSubject, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        guard let list = try request.json[subject.rawValue] else {
            throw APIError.invalid(subject.rawValue, "\(subject.rawValue) is required.")
        }
        let ids = list.elements.compactMap(\.string)
        guard ids.count <= Self.maximumIDs else {
            throw APIError.invalid(subject.rawValue, "\(subject.rawValue) may name at most \(Self.maximumIDs) ids.")
        }
        let noun = subject == .users ? "users" : "companies"
        var answer: JSONValue = ["message": .string("\(ids.count) \(noun) scheduled for deletion")]
        if !ids.isEmpty {
            let receipt = try await deletions.schedule(
                subject, ids: ids, environmentID: key.environmentID, keyID: key.keyID)
            let id = receipt.publicID(in: key.stream)
            answer["job_id"] = .string(id)
            answer["links"] = .string("/v1/background_jobs/\(id)")
        }
        return .json(answer, status: .accepted)
    }
}
