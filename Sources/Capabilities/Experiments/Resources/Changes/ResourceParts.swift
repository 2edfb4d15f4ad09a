package import ControlStore
package import JSON

/// What a kind of resource consists of beyond its document and its references, kept in tables of its own.
package protocol ResourceParts: Sendable {
    /// Stores what a body says of the parts, and checks what can only be judged with all of them there. Runs in the
    /// transaction of the change, after document and references are stored.
    /// - Throws: ``ExperimentsError``.
    func store(_ change: PartsChange, in database: Database) throws

    /// Does what goes along with the removal of a resource, which is still there.
    func remove(
        _ resource: Resource, _ scope: ResourceScope, _ service: ResourceService, in database: Database
    ) throws

    /// Members to show, by the resource's id.
    func show(_ resources: [Resource], _ view: ResourceView, from database: Database) throws -> [Int64: JSONObject]

    /// What a file carries of a shown resource: all its parts, without what is only computed.
    func portable(_ shown: JSONValue, from database: Database) throws -> JSONValue

    /// Adds a resource like the one that a file carries, its life as far as it has come included.
    /// - Returns: its id.
    /// - Throws: ``ExperimentsError`` when it names what the file does not hold.
    func add(_ portable: JSONObject, _ transfer: ResourceTransfer, in database: Database) throws -> Int64

    /// What a staged change of a project that adds resources needs of the parts.
    /// - Parameter projectID: nil for a project that the change makes.
    func stagedTables(projectID: Int64?) -> [StagedTable]
}

/// What resources out of a file become part of.
package struct ResourceTransfer {
    /// What ids of the file have become, by kind.
    package let newIDs: [ResourceKind: [Int64: Int64]]
    package let service: ResourceService
    package let scope: ResourceScope
    /// What is known of the patterns of the file's rules.
    package let patterns: JudgedPatterns

    package init(
        newIDs: [ResourceKind: [Int64: Int64]], service: ResourceService, scope: ResourceScope,
        patterns: JudgedPatterns
    ) {
        self.newIDs = newIDs
        self.service = service
        self.scope = scope
        self.patterns = patterns
    }
}

/// A change of a resource, as its parts learn of it.
package struct PartsChange {
    package let id: Int64
    /// What the resource was; nil for a new one.
    package let old: Resource?
    package let body: JSONObject
    /// What the resource referred to before the change.
    package let oldReferences: Set<Int64>
    package let scope: ResourceScope
    package let service: ResourceService
    package let deferring: DeferredChecks
}
