public import ControlStore
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
    /// Who was hidden up to a time and is still, in the order of their profiles' ids.
    /// - Parameter id: behind which they begin.
    func hiddenUsers(
        until time: Timestamp, after id: Int64, limit: Int
    ) async throws -> [(id: Int64, environmentID: Int64, userID: String)]
    /// Some who are denied and have a profile all the same.
    func deniedUsers(limit: Int) async throws -> [(environmentID: Int64, userID: String)]
    /// Notes who is in a company now.
    func noteMembers(ofCompany companyID: String, environmentID: Int64) async throws
    /// Who was noted and is not forgotten yet.
    func notedMembers(ofCompany companyID: String, environmentID: Int64, limit: Int) async throws -> [String]
    func forgetNoted(_ userIDs: [String], ofCompany companyID: String, environmentID: Int64) async throws
}

/// Keeps whose events are refused.
public protocol UserDenial: Sendable {
    /// Refuses a user's events from now on.
    /// - Parameter body: done in the same transaction.
    func deny(_ userID: String, environmentID: Int64, _ body: @Sendable (Database) throws -> Void) async throws
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
    private let denials: any UserDenial
    private let deletions: DeletionService
    private let calls: CallsUnderWay
    private let feed: ProjectionFeed
    private let clock: WallClock

    /// - Parameter calls: those that bring events.
    public init(
        profiles: any RemovableProfiles, denials: any UserDenial, deletions: DeletionService, calls: CallsUnderWay,
        feed: ProjectionFeed, clock: WallClock
    ) {
        self.profiles = profiles
        self.denials = denials
        self.calls = calls
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

    /// Refuses a user's events from now on, and removes the user for good, as far as there is one: both, or neither.
    /// - Throws: `JobError` when too many deletions wait; what keeps the user from being denied.
    public func deny(user userID: String, environmentID: Int64) async throws {
        try await feed.catchUp(within: Self.patience)
        if try await profiles.knows(user: userID, environmentID: environmentID) {
            try await deletions.schedule(.users, ids: [userID], environmentID: environmentID) { [denials] enqueue in
                try await denials.deny(userID, environmentID: environmentID, enqueue)
            }
            try await profiles.drop(user: userID, environmentID: environmentID)
        } else {
            try await denials.deny(userID, environmentID: environmentID) { _ in }
        }
        // What was on its way; should this be cut off, it is made up for with those whose time is over.
        try await calls.settle()
        _ = try await remove(user: userID, hard: true, environmentID: environmentID)
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

    /// Has those erased who have not come back, and whoever is denied and has a profile still. They stay hidden until that is done, so a call that is cut off is made up for
    /// by the next one.
    /// - Throws: the last of what kept those of an environment from being erased; the others are.
    public func eraseExpired() async throws {
        let time = clock.now.adding(seconds: -Self.days * 86_400)
        var failure: (any Error)?
        var last: Int64 = 0
        while true {
            try Task.checkCancellation()
            let users = try await profiles.hiddenUsers(until: time, after: last, limit: Self.usersAtOnce)
            guard let end = users.last else { break }
            last = end.id
            failure = await erase(users.map { ($0.environmentID, $0.userID) }) ?? failure
        }
        failure = await erase(try await profiles.deniedUsers(limit: Self.usersAtOnce)) ?? failure
        if let failure { throw failure }
    }

    /// - Returns: why those of an environment were not erased.
    private func erase(_ users: [(environmentID: Int64, userID: String)]) async -> (any Error)? {
        var failure: (any Error)?
        for (environmentID, users) in Dictionary(grouping: users, by: \.environmentID) {
            do {
                try await deletions.schedule(.users, ids: users.map(\.userID), environmentID: environmentID)
            } catch {
                failure = error
            }
        }
        return failure
    }
}
