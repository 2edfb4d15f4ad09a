public import EventStore
public import Time

/// The other rooms that keep something of users and companies, and remove it when they are deleted.
public struct SubjectKeepers: Sendable {
    let visitors: any VisitorKeeper
    let copies: any LogCopies
    let profiles: any ProfileKeeper
    let messages: any MessageKeeper
    let figures: any FigureKeeper

    public init(
        visitors: any VisitorKeeper, copies: any LogCopies, profiles: any ProfileKeeper, messages: any MessageKeeper,
        figures: any FigureKeeper
    ) {
        self.visitors = visitors
        self.copies = copies
        self.profiles = profiles
        self.messages = messages
        self.figures = figures
    }
}

/// Keeps what visitors of experiments did. Users may be visitors.
public protocol VisitorKeeper: Sendable {
    /// Which visitors some users are, besides those of their own ids; as many lists as there are of users. What waits to become
    /// an experiment event of theirs, up to a time, is gone or has become one when it answers.
    func settled(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws -> [[String]]
    /// Removes what was known of users as visitors, up to a time, and which visitors they are.
    func remove(of users: [(ids: [String], end: Timestamp)], environmentID: Int64) async throws
}

/// Keeps copies of the log.
public protocol LogCopies: Sendable {
    /// Removes what is no longer in the log.
    func reconcile(environmentID: Int64) async throws
}

/// Keeps messages that were sent about users and companies, or wait to be.
public protocol MessageKeeper: Sendable {
    func remove(users: [DeletedSubjects], environmentID: Int64) async throws
    func remove(companies: [DeletedSubjects], environmentID: Int64) async throws
}

/// Keeps counts of what users did.
public protocol FigureKeeper: Sendable {
    /// Takes what users did off the counts.
    /// - Parameter later: their events that stay: these are counted still.
    /// - Returns: false when the log has gone on since these were read: to be tried again with newer ones.
    func remove(users userIDs: [String], environmentID: Int64, keeping later: SubjectEvents) async throws -> Bool
}

/// Keeps profiles.
public protocol ProfileKeeper: Sendable {
    /// How many of these users or companies have a profile, hidden or not.
    func count(_ subject: DeletionSubject, ids: [String], environmentID: Int64) async throws -> Int
    /// Removes profiles for good.
    /// - Parameter later: their events that stay: what these say becomes their profile again.
    /// - Returns: false when the log has gone on since these were read: to be tried again with newer ones.
    func delete(
        _ subject: DeletionSubject, ids: [String], environmentID: Int64, keeping later: SubjectEvents
    ) async throws -> Bool
}
