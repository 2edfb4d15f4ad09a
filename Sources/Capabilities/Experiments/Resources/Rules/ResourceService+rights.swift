import ControlStore
import Identity
import JSON

extension ResourceService {
    /// What runs is changed, started and stopped by those only who may: whether it runs is known here, not at the gate.
    /// - Parameter draft: what it is to become; nil for one that is to be deleted.
    /// - Throws: ``ExperimentsError/forbidden(_:)``.
    func checkRights(
        _ resource: Resource, _ kind: ResourceKind, becoming draft: ResourceDraft?, _ scope: ResourceScope,
        in database: Database
    ) throws {
        switch kind {
        case .experience:
            try checkStart(from: resource.status, to: draft?.status, scope)
            if Self.isRunning(resource.status) { try scope.require(.editRunningExperience) }
        case .location where !scope.role.may(.editRunningLocation):
            if try isUsedByRunning(resource.id, in: database) { try scope.require(.editRunningLocation) }
        case .audience where !scope.role.may(.editRunningAudience):
            if try isUsedByRunning(resource.id, in: database) { try scope.require(.editRunningAudience) }
        default: break
        }
    }

    /// - Parameters:
    ///   - old: nil for a new one.
    ///   - new: nil for one that is to be deleted.
    func checkStart(from old: String?, to new: String?, _ scope: ResourceScope) throws {
        guard Self.isRunning(old) != Self.isRunning(new) else { return }
        try scope.require(.startExperience)
    }

    /// Also one that starts by itself.
    package static func isRunning(_ status: String?) -> Bool { status == "active" || status == "scheduled" }

    private func isUsedByRunning(_ id: Int64, in database: Database) throws -> Bool {
        try database.value(
            Bool.self,
            prepared: """
                SELECT EXISTS (
                    SELECT 1 FROM resource_references r JOIN resources e ON e.id = r.resource_id
                    WHERE r.target_id = ? AND e.kind = 'experience' AND e.status = 'active')
                """,
            arguments: [id]) ?? false
    }
}
