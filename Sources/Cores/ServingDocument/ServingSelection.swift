import Text

/// What a request for a config document asks for.
public struct ServingSelection: Sendable, Hashable {
    /// The environment whose experiences are served; nil when the request names none, which means the default one.
    public var environment: String?
    /// The experiences that are asked for, by id (`exp`); nil for all.
    public var experienceIDs: Set<Int64>?
    /// Whether the request has a valid debug token, which opens what does not run yet or no longer.
    public var isDebug: Bool

    /// A selection; without arguments what everybody gets.
    public init(environment: String? = nil, experienceIDs: Set<Int64>? = nil, isDebug: Bool = false) {
        self.environment = environment
        self.experienceIDs = experienceIDs
        self.isDebug = isDebug
    }
}

extension ServingSelection {
    /// Whether both ask for the same; the environment's name goes by its bytes.
    public static func == (first: ServingSelection, second: ServingSelection) -> Bool {
        first.environment.hasSameBytes(as: second.environment) && first.experienceIDs == second.experienceIDs
            && first.isDebug == second.isDebug
    }

    /// Feeds what is asked for to the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(environment.map { ClientText($0) })
        hasher.combine(experienceIDs)
        hasher.combine(isDebug)
    }
}
