public import EventStore
public import Text

/// Who is meant by segments and exclusions.
public struct Audience: Sendable {
    private let feed: ProjectionFeed
    private let people: PeopleStore
    private let segments: SegmentStore
    private let members: SegmentMembers
    private let exclusions: ExclusionStore

    /// - Parameter feed: brings profiles up to date.
    public init(
        feed: ProjectionFeed, people: PeopleStore, segments: SegmentStore, members: SegmentMembers,
        exclusions: ExclusionStore
    ) {
        self.feed = feed
        self.people = people
        self.segments = segments
        self.members = members
        self.exclusions = exclusions
    }

    /// Returns once profiles show what was committed before the call.
    public func catchUp() async throws {
        try await feed.catchUp()
    }

    /// User ids in a segment of an environment; nil when the environment has no such segment.
    /// - Throws: what ``SegmentMembers/members(of:environmentID:)-(Segment,_)`` throws.
    public func segmentMembers(_ segmentID: Int64, environmentID: Int64) async throws -> Set<ClientText>? {
        guard let segment = try await segments.segment(segmentID, environmentID: environmentID) else { return nil }
        return try await members.members(of: segment, environmentID: environmentID)
    }

    /// Who is excluded: users by name, and everybody in a company that is.
    public func excludedSubjects(environmentID: Int64) async throws -> (users: [String], companies: [String]) {
        let list = try await exclusions.list(environmentID: environmentID)
        let companies = list.filter { $0.kind == .company }.map(\.id)
        // Most events of a company's people do not name it.
        let members = try await people.userIDs(ofCompanies: companies, environmentID: environmentID)
        return (list.filter { $0.kind == .user }.map(\.id) + members, companies)
    }
}
