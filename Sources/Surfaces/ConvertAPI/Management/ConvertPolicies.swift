import Gateway
import HTTPTypes
import Identity
import Resources

/// What may be done in an account and its projects; handlers get the place.
extension Policy where Source == ProjectStore {
    /// Every role may.
    static func look(_ place: ConvertPlace<Proof>) -> Policy { Policy("look", in: place) { _ in } }

    /// Changing what a project holds: the roles edit, publish, admin and account_manager may.
    static func edit(_ place: ConvertPlace<Proof>) -> Policy {
        Policy("edit", in: place) { caller in try caller.requireEditing() }
    }

    /// Keys, projects and the account itself: the roles admin and account_manager may, of all projects.
    static func manage(_ place: ConvertPlace<Proof>) -> Policy {
        Policy("manage", in: place) { caller in try caller.requireAccountManagement() }
    }

    private init(
        _ right: String, in place: ConvertPlace<Proof>,
        permit: @escaping @Sendable (ConvertCaller) throws -> Void
    ) {
        self.init("\(right)(\(place.name))", for: [.convertKey]) { principal, head, projects in
            try await place.find(ConvertCaller(principal, head), head, projects)
        } permit: { principal, head in
            try permit(ConvertCaller(principal, head))
        }
    }
}

extension Policy where Source == ProjectStore, Proof == ResourceScope {
    /// Whoever has an experience's report token may look at that experience, without a key.
    static var reportToken: Policy {
        Policy("report token", for: [.reportToken]) { _, head, projects in
            let (accountID, id) = (try head.path.pathID("account_id"), try head.path.pathID("project_id"))
            guard let project = try await projects.project(id, accountID: accountID) else {
                throw ReportTokenAuthentication.invalid
            }
            let author = ChangeAuthor(name: "report token", method: .api, requestID: head.requestID)
            return ResourceScope(project: project, author: author)
        }
    }
}
