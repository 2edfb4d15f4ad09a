public import ControlStore
public import Time

/// How many visitors an account may test until its cycle ends.
public struct TestedQuota: Sendable, Equatable {
    /// When the cycle began: usage is counted from then on.
    public let cycleStart: Timestamp
    /// All that hold.
    public let limits: [Limit]

    public init(cycleStart: Timestamp, limits: [Limit]) {
        self.cycleStart = cycleStart
        self.limits = limits
    }

    /// How many some accounts may test together.
    public struct Limit: Sendable, Equatable {
        public let accounts: [Int64]
        /// Visitors of all kinds; nil for any number.
        public let visitors: Int64?
        /// Those whom the program knows; nil for any number.
        public let users: Int64?

        public init(accounts: [Int64], visitors: Int64?, users: Int64?) {
            self.accounts = accounts
            self.visitors = visitors
            self.users = users
        }
    }
}

/// What accounts may test. Answered by the room that knows their plans; within the transaction that counts.
public protocol TestedQuotas: Sendable {
    /// What an account may test now.
    func quota(of accountID: Int64, at now: Timestamp, in database: Database) throws -> TestedQuota
    /// Told once some accounts have tested all that they may: what is served of them takes nobody new from then on.
    func usedUp(by accounts: [Int64], in database: Database) throws
}
