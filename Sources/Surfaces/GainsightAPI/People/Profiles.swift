import EventStore
import Events
import Gateway
import HTTPTypes
import Identity
import JSON
import People
import Text

/// Users and accounts as this interface writes and reads them: what is written is an event, and what is read has taken in all
/// events that were acknowledged before.
struct Profiles: Sendable {
    let ingestion: Ingestion
    let people: PeopleStore
    let feed: ProjectionFeed
    private let turns = ProfileTurns()

    init(ingestion: Ingestion, people: PeopleStore, feed: ProjectionFeed) {
        self.ingestion = ingestion
        self.people = people
        self.feed = feed
    }

    /// Runs what reads a profile and writes it, one call at a time, so that none overwrites what another has merged.
    func alone<Result: Sendable>(
        with subject: ProfileEvent.Subject, _ id: String, _ key: EnvironmentKey, _ body: () async throws -> Result
    ) async rethrows -> Result {
        let profile = ProfileTurns.Profile(
            environmentID: key.environmentID, isUser: subject == .user, id: ClientText(id))
        return try await turns.run(profile, body)
    }

    /// How long a call waits for events to take effect.
    private static let patience = Duration.seconds(10)

    func user(_ id: String, _ key: EnvironmentKey) async throws -> Person? {
        try await feed.catchUp(within: Self.patience)
        return try await people.person(environmentID: key.environmentID, userID: id)
    }

    func account(_ id: String, _ key: EnvironmentKey) async throws -> Company? {
        try await feed.catchUp(within: Self.patience)
        return try await people.company(environmentID: key.environmentID, companyID: id)
    }

    /// - Throws: `APIError` 404, with a body that is not empty: a client takes an empty one for an error.
    func knownUser(_ id: String, _ key: EnvironmentKey) async throws -> Person {
        guard let person = try await user(id, key) else {
            throw Self.missingUser(id)
        }
        return person
    }

    /// - Throws: `APIError` 404.
    func knownAccount(_ id: String, _ key: EnvironmentKey) async throws -> Company {
        guard let company = try await account(id, key) else {
            throw Self.missingAccount(id)
        }
        return company
    }

    /// The answer to who has written: the profile, or, for keys that may only send, what they have sent.
    func answer(
        _ said: JSONObject, _ key: EnvironmentKey, status: HTTPResponse.Status = .ok,
        _ profile: () async throws -> JSONValue
    ) async throws -> OperationResponse {
        .json(key.allowsExports ? try await profile() : .object(said), status: status)
    }

    static func missingUser(_ id: String) -> APIError {
        .notFound("User was not found for parameters {id=\(id)}")
    }

    static func missingAccount(_ id: String) -> APIError {
        .notFound("Account was not found for parameters {id=\(id)}")
    }

    /// Has what a client says of a user or an account take effect.
    /// - Parameter old: the properties that are known, into which a location is merged; null removes a member of it.
    func write(
        _ subject: ProfileEvent.Subject, _ body: JSONObject, over old: JSONValue?, _ key: EnvironmentKey,
        _ request: OperationRequest
    ) async throws {
        var body = body
        if let location = body["location"]?.object {
            var merged = old?["location"]?.object ?? JSONObject()
            for member in location.members {
                merged[member.key] = member.value.isNull ? JSONValue?.none : member.value
            }
            body["location"] = .object(merged)
        }
        let document = try request.parse(JSONValue.object(body).encoded())
        if let old {
            let changes = try ProfileEvent.properties(of: document.root, subject)
            // Taken in part, it would be neither what was sent nor an error.
            if let refusal = ProfileLimits.refusal(of: .object(changes), over: old) {
                throw APIError.invalid("customAttributes", "customAttributes: \(refusal)")
            }
        }
        _ = try await ingestion.record(
            subject == .user ? .identifyUser : .identifyCompany, document.root, in: key.stream, surface: .gainsight,
            idempotencyKey: request.idempotencyKey(),
            from: EventSender(keyID: key.keyID, address: request.clientAddress))
    }
}

extension OperationRequest {
    /// The body's members.
    var members: JSONObject {
        get throws(APIError) { try json.value.object ?? JSONObject() }
    }

    /// The body's members, with the id that the address names.
    /// - Throws: `APIError` 400 where the body names another.
    func members(identifiedBy name: String, _ id: String) throws(APIError) -> JSONObject {
        var body = try members
        if let other = body[name], !other.isNull, other.string.hasSameBytes(as: id) == false {
            throw APIError.invalid(name, "\(name) names another than the address does; leave it out.")
        }
        body[name] = .string(id)
        return body
    }
}
