import ControlStore
public import Identity

/// Who changes what others may do. Nobody gives a role greater than their own in that place, nor touches one.
public struct CollaboratorEditor: Sendable {
    /// Nil for a key.
    let userID: Int64?
    let accesses: Accesses
    /// As those are told who are asked.
    let name: String

    public init(userID: Int64?, accesses: Accesses, name: String) {
        self.userID = userID
        self.accesses = accesses
        self.name = name
    }

    /// What the editor may do at this moment: it may have changed since the request came.
    /// - Throws: ``CollaboratorError/forbidden(_:)`` for who may not change others any more.
    func current(in accountID: Int64, _ database: Database) throws -> Accesses {
        var current = accesses
        if let userID {
            current = try Accesses.fetch(ofUser: userID, from: database)[accountID] ?? Accesses(everywhere: nil)
        }
        guard current.everywhere?.may(.changeCollaborators) ?? false else {
            throw CollaboratorError.forbidden("Changing collaborators is not open to this caller any more.")
        }
        return current
    }
}

extension Accesses {
    /// A place where others have a greater role: nil for the project means the whole account.
    struct Excess: Equatable {
        let project: Int64?
        let role: Role
        /// What is held there instead.
        let own: Role?

        var place: String { project.map { "in the project \($0)" } ?? "in the whole account" }
    }

    /// Where somebody else has more than this.
    func excess(of others: Accesses) -> Excess? {
        if let role = others.everywhere, !(everywhere.map { $0 >= role } ?? false) {
            return Excess(project: nil, role: role, own: everywhere)
        }
        for (project, role) in others.projects.sorted(by: { $0.key < $1.key }) {
            let own = self.role(inProject: project)
            if !(own.map { $0 >= role } ?? false) { return Excess(project: project, role: role, own: own) }
        }
        return nil
    }

    /// Nothing less anywhere than either of the two.
    func joined(with other: Accesses) -> Accesses {
        Accesses(
            everywhere: [everywhere, other.everywhere].compactMap(\.self).max(),
            projects: projects.merging(other.projects) { max($0, $1) })
    }

    /// Whether nothing may be done anywhere.
    var isEmpty: Bool { everywhere == nil && projects.isEmpty }
}
