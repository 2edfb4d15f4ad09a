import EventStore
import Text

/// What the store already knows, so that events like those seen before cost no look at their properties and hardly
/// any write. It may be emptied at any time.
struct CatalogueCache {
    struct DefinitionKey: Hashable {
        let environmentID: Int64
        let type: EventType
        let name: ClientText
    }

    struct PropertyKey: Hashable {
        let environmentID: Int64
        let subject: String
        /// Nil for users' and companies' properties.
        let definitionID: Int64?
        let key: ClientText
    }

    struct Property {
        let id: Int64
        var type: PropertyType
    }

    /// When an entry was first and last seen, as stored.
    struct Seen {
        var firstAt: Int64
        var lastAt: Int64
    }

    /// Nil for an event beyond the limit, which is not learned.
    var definitions: [DefinitionKey: Int64?] = [:]
    var properties: [PropertyKey: Property] = [:]
    /// The properties that events of one shape have.
    var shapes: [EventGroups.Key: [Int64]] = [:]
    var definitionsSeen: [Int64: Seen] = [:]
    var propertiesSeen: [Int64: Seen] = [:]
    /// How many properties an environment's subject has, and how many events, under the subject `definitions`.
    var counts: [String: Int] = [:]

    /// About 50 MB at worst; hostile names and shapes fill it, honest traffic does not.
    private static let limit = 100_000

    mutating func removeAllIfFull() {
        let size = definitions.count + properties.count + shapes.count
        if size > Self.limit { self = CatalogueCache() }
    }
}
