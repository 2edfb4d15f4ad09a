import Gateway
import HTTPTypes
import Identity
import Resources

/// What may be done in an account and its projects; handlers get the place.
extension Policy where Source == ProjectStore {
    /// Whoever has the permission there may: see ``Permission``.
    static func may(_ permission: Permission, in place: ConvertPlace<Proof>) -> Policy {
        Policy("\(permission.name)(\(place.name))", for: [.convertKey]) { principal, head, projects in
            try await place.find(ConvertCaller(principal, head), head, projects)
        } permit: { principal, head in
            let caller = try ConvertCaller(principal, head)
            try caller.require(permission, by: place.role(caller.accesses, head))
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
            return ResourceScope(project: project, author: author, role: .browse)
        }
    }
}
