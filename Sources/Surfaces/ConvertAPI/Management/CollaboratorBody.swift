import Collaborators
import Gateway
import Identity
import JSON

/// What requests say of collaborators.
enum CollaboratorBody {
    /// Whom a request names: `user_id` goes before `email`.
    static func name(_ body: JSONObject) throws(APIError) -> CollaboratorName {
        if let text = body["user_id"]?.string {
            guard let id = Int64(text) else {
                throw APIError.invalid("user_id", "user_id must be the id of a collaborator.")
            }
            return .user(id)
        }
        guard let email = body["email"]?.string, !email.isEmpty else {
            throw APIError.invalid(
                "user_id", "Name the collaborator by user_id, or by email while the invitation is pending.")
        }
        return .email(email)
    }

    /// What somebody is to be allowed; nothing where the member is missing.
    static func accesses(_ body: JSONObject) throws(APIError) -> Accesses {
        var everywhere: Role?
        var projects: [Int64: Role] = [:]
        for (index, access) in (body["accesses"]?.array ?? []).enumerated() {
            let field = "accesses[\(index)]"
            guard let role = access["role"]?.string.flatMap(Role.init(rawValue:)), Role.ofKeys.contains(role) else {
                throw APIError.invalid("\(field).role", "\(field).role is required: a role that may be given.")
            }
            let place = try project(access, field)
            let isSaid = place.map { projects[$0] != nil } ?? (everywhere != nil)
            if isSaid {
                throw APIError.invalid("\(field).project", "\(field).project is in accesses already.")
            }
            if let place { projects[place] = role } else { everywhere = role }
        }
        return Accesses(everywhere: everywhere, projects: projects)
    }

    /// What is to be taken away: all where nothing is listed.
    static func removal(_ body: JSONObject) throws(APIError) -> CollaboratorService.Removal {
        let listed = body["accesses"]?.array ?? []
        if listed.isEmpty { return .all }
        var places: [Int64?] = []
        for (index, access) in listed.enumerated() { places.append(try project(access, "accesses[\(index)]")) }
        return .places(places)
    }

    /// Where an access is: its project, by id or in full; nil for the whole account, which must be said.
    private static func project(_ access: JSONValue, _ field: String) throws(APIError) -> Int64? {
        if case .null? = access["project"] { return nil }
        guard let id = access["project"]?.int64 ?? access["project"]?["id"]?.int64 else {
            throw APIError.invalid(
                "\(field).project", "\(field).project must be the id of a project, or null for the whole account.")
        }
        return id
    }
}

extension Collaborator {
    /// As changes are told of: the user's id, or the invitation's.
    var number: Int64 {
        switch state {
        case .active(let id), .pending(let id): id
        }
    }

    /// Contract schema `AccountUserAccesses`.
    /// - Parameter projects: those to be shown in full.
    func json(projects shown: [Int64: JSONValue]) -> JSONValue {
        let status: JSONValue = userID == nil ? "pending" : "active"
        let all = places.map { place -> JSONValue in
            [
                "project": place.project.map { shown[$0] ?? .integer($0) } ?? .null,
                "role": .string(place.role.rawValue), "status": status,
                // Keys are made by those who run the whole account.
                "api_access": .bool(place.project == nil && place.role.may(.manageKeys)),
            ]
        }
        return [
            "user_id": userID.map { .string("\($0)") } ?? .null, "email": .string(email),
            "first_name": .string(firstName), "last_name": .string(lastName), "accesses": .array(all),
        ]
    }

    /// What the change history tells.
    var noted: JSONObject {
        let all = places.map { place -> JSONValue in
            ["project": place.project.map { .integer($0) } ?? .null, "role": .string(place.role.rawValue)]
        }
        return JSONObject([
            ("email", .string(email)), ("status", userID == nil ? "pending" : "active"), ("accesses", .array(all)),
        ])
    }

    /// The whole account first, then projects in the order of their ids.
    private var places: [(project: Int64?, role: Role)] {
        (accesses.everywhere.map { [(nil, $0)] } ?? [])
            + accesses.projects.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}
