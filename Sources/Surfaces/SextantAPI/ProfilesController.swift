import EventStore
import Gateway
import Identity
import JSON
import People
import Time

/// `getUser` and `getCompany`: what is known about one of them.
struct ProfilesController: Sendable {
    let people: PeopleStore
    let feed: ProjectionFeed

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("getUser", allow: .read, user)
        surface.on("getCompany", allow: .read, company)
    }

    private func user(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        try await feed.recovered()
        let id = try request.path("user_id")
        guard let person = try await people.person(environmentID: key.environmentID, userID: id) else {
            throw APIError.notFound("There is no user \(id.prefix(255)).")
        }
        return .json([
            "user_id": .string(person.userID), "company_id": .text(person.companyID), "metadata": person.properties,
            "first_seen_at": .time(person.firstSeenAt), "last_seen_at": .time(person.lastSeenAt),
        ])
    }

    private func company(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        try await feed.recovered()
        let id = try request.path("company_id")
        guard let company = try await people.company(environmentID: key.environmentID, companyID: id) else {
            throw APIError.notFound("There is no company \(id.prefix(255)).")
        }
        return .json([
            "company_id": .string(company.companyID), "metadata": company.properties,
            "first_seen_at": .time(company.firstSeenAt), "last_seen_at": .time(company.lastSeenAt),
        ])
    }
}
