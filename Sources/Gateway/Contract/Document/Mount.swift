/// Where the paths of a contract are served.
public struct Mount: Sendable {
    /// What stands before every path of the document, such as `/api/v2`; nil takes the path of its first server.
    public let prefix: String?

    /// Other prefixes under which some or all operations are served as well.
    public let aliases: [Alias]

    /// Operations that are not served, by operationId: where another document claims their place.
    public let omitted: Set<String>

    /// Operations that are served under the prefixes of ``aliases`` only, by operationId: where another document claims
    /// their place.
    public let moved: Set<String>

    /// Another prefix for the operations named, or for all of them when `operationIds` is nil.
    public struct Alias: Sendable {
        /// What stands before the paths, such as `/v1`.
        public let prefix: String
        /// The operations also served there; nil means all.
        public let operationIds: Set<String>?

        /// Another prefix for the operations named, or for all.
        public init(prefix: String, operationIds: Set<String>? = nil) {
            self.prefix = prefix
            self.operationIds = operationIds
        }
    }

    /// A mount under `prefix`, and under the prefixes of `aliases` too, of all operations but the `omitted`; of those that are
    /// `moved` under the latter only.
    public init(
        prefix: String? = nil, aliases: [Alias] = [], omitted: Set<String> = [], moved: Set<String> = []
    ) {
        self.prefix = prefix
        self.aliases = aliases
        self.omitted = omitted
        self.moved = moved
    }

    /// As the document says itself.
    public static let asDocumented = Mount()
}
