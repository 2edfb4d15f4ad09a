public import EventStore
public import Time

/// Keeps profiles that can be taken away at once.
public protocol RemovableProfiles: Sendable {
    /// Hides a user until their next event.
    /// - Returns: false when there is none.
    func hide(user userID: String, environmentID: Int64, at time: Timestamp) async throws -> Bool
    /// Removes a user's profile.
    func drop(user userID: String, environmentID: Int64) async throws
    /// Removes a company's profile; its users still name it.
    func drop(company companyID: String, environmentID: Int64) async throws
    /// Whether there is a user, hidden or not.
    func knows(user userID: String, environmentID: Int64) async throws -> Bool
    func knows(company companyID: String, environmentID: Int64) async throws -> Bool
    /// Who was hidden up to a time and is still.
    func hiddenUsers(until time: Timestamp, limit: Int) async throws -> [(environmentID: Int64, userID: String)]
    /// Notes who is in a company now.
    func noteMembers(ofCompany companyID: String, environmentID: Int64) async throws
    /// Who was noted and is not forgotten yet.
    func notedMembers(ofCompany companyID: String, environmentID: Int64, limit: Int) async throws -> [String]
    func forgetNoted(_ userIDs: [String], ofCompany companyID: String, environmentID: Int64) async throws
}

/// Removes users and companies as Gainsight's callers expect it: nobody finds them once it is answered.
///
/// A user is hidden at first, and comes back as they were with the next event of theirs. Who has not come back within
/// seven days is erased, with all events, as ``DeletionService`` does it; a hard removal does that right away.
public struct PeopleRemoval: Sendable {
    /// How long whoever is hidden can come back, at least.
    public static let days: Int64 = 7

    /// How long a call waits for events to take effect.
    private static let patience = Duration.seconds(10)

    private let profiles: any RemovableProfiles
    private let deletions: DeletionService
    private let feed: ProjectionFeed
    private let clock: WallClock

    public init(
        profiles: any RemovableProfiles, deletions: DeletionService, feed: ProjectionFeed, clock: WallClock
    ) {
        self.profiles = profiles
        self.deletions = deletions
        self.feed = feed
        self.clock = clock
    }

    /// Removes a user.
    /// - Parameter hard: whether for good; it takes those who are hidden, too.
    /// - Returns: false when there is no such user.
    /// - Throws: `JobError` when too many deletions wait.
    public func remove(user userID: String, hard: Bool, environmentID: Int64) async throws -> Bool {
        // What was sent before the removal does not bring them back.
        try await feed.catchUp(within: Self.patience)
        if !hard { return try await profiles.hide(user: userID, environmentID: environmentID, at: clock.now) }
        guard try await profiles.knows(user: userID, environmentID: environmentID) else { return false }
        // The job first: a crash in between loses nothing of what is owed.
        try await deletions.schedule(.users, ids: [userID], environmentID: environmentID)
        try await profiles.drop(user: userID, environmentID: environmentID)
        return true
    }

    /// Removes a company for good, and everybody who is in it: these go within minutes, however many they are.
    /// - Returns: false when there is no such company.
    /// - Throws: `JobError` when too many deletions wait.
    public func remove(company companyID: String, environmentID: Int64) async throws -> Bool {
        try await feed.catchUp(within: Self.patience)
        guard try await profiles.knows(company: companyID, environmentID: environmentID) else { return false }
        try await profiles.noteMembers(ofCompany: companyID, environmentID: environmentID)
        try await deletions.schedule(companyWithUsers: companyID, environmentID: environmentID)
        try await profiles.drop(company: companyID, environmentID: environmentID)
        return true
    }

    /// Users that one job erases.
    private static let usersAtOnce = 1_000

    /// Has those erased who have not come back. They stay hidden until that is done, so a call that is cut off is made up for
    /// by the next one.
    public func eraseExpired() async throws {
        let time = clock.now.adding(seconds: -Self.days * 86_400)
        let users = try await profiles.hiddenUsers(until: time, limit: Self.usersAtOnce)
        for (environmentID, users) in Dictionary(grouping: users, by: \.environmentID) {
            try await deletions.schedule(.users, ids: users.map(\.userID), environmentID: environmentID)
        }
    }
}
