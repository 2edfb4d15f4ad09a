/// What somebody may do in one account: in all of it, or in some of its projects, or in these more than in the rest.
public struct Accesses: Sendable, Equatable {
    /// In the account itself and all of its projects, those to come included; nil for nothing.
    public let everywhere: Role?
    /// In single projects, besides.
    public let projects: [Int64: Role]

    public init(everywhere: Role?, projects: [Int64: Role] = [:]) {
        self.everywhere = everywhere
        self.projects = projects
    }

    /// What a key may do.
    /// - Parameter projectIDs: the only projects; nil for all.
    public init(_ role: Role, in projectIDs: Set<Int64>?) {
        guard let projectIDs else {
            self.init(everywhere: role)
            return
        }
        self.init(everywhere: nil, projects: projectIDs.reduce(into: [:]) { $0[$1] = role })
    }

    /// The role in a project, which is the greater of the two; nil for none.
    public func role(inProject id: Int64) -> Role? { [everywhere, projects[id]].compactMap(\.self).max() }

    /// The greatest role anywhere; nil for who may do nothing at all.
    public var greatest: Role? { ([everywhere].compactMap(\.self) + projects.values).max() }

    /// The projects that may be looked at; nil for all.
    public var projectIDs: Set<Int64>? { everywhere == nil ? Set(projects.keys) : nil }
}
