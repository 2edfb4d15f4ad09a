import GRDB
import JSON

/// What a kind of resource consists of beyond its document and its references, kept in tables of its own.
protocol ResourceParts: Sendable {
    /// Stores what a body says of the parts, and checks what can only be judged with all of them there. Runs in the
    /// transaction of the change, after document and references are stored.
    /// - Throws: ``ExperimentsError``.
    func store(_ change: PartsChange, in database: Database) throws

    /// Members to show, by the resource's id.
    func show(_ resources: [Resource], _ view: ResourceView, from database: Database) throws -> [Int64: JSONObject]
}

/// A change of a resource, as its parts learn of it.
struct PartsChange {
    let id: Int64
    /// What the resource was; nil for a new one.
    let old: Resource?
    let body: JSONObject
    /// What the resource referred to before the change.
    let oldReferences: Set<Int64>
    let scope: ResourceScope
    let service: ResourceService
    let deferring: DeferredChecks
}
