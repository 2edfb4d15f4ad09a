/// Whose job comes next. Accounts take turns: first whoever has the fewest jobs of the kind running, and among those
/// whoever had a turn longest ago. So do the environments of one account; the jobs of one environment come in their order.
struct JobTurns {
    private enum Place: Hashable {
        case account(kind: String, Int64)
        case environment(kind: String, account: Int64, Int64?)
    }

    /// Counts the turns that were given.
    private var turns = 0
    private var lastTurns: [Place: Int] = [:]
    /// Beyond this it is forgotten who had a turn, and everybody begins anew.
    private static let mostPlaces = 10_000

    /// - Parameter running: how many jobs of the kind each account has running.
    func order(_ kind: String, accounts: [Int64], running: [Int64: Int]) -> [Int64] {
        func rank(_ account: Int64) -> (Int, Int, Int64) {
            (running[account] ?? 0, lastTurns[.account(kind: kind, account)] ?? 0, account)
        }
        return accounts.sorted { rank($0) < rank($1) }
    }

    func order(_ kind: String, environments: [Int64?], of account: Int64) -> [Int64?] {
        func rank(_ environment: Int64?) -> (Int, Int64) {
            (lastTurns[.environment(kind: kind, account: account, environment)] ?? 0, environment ?? 0)
        }
        return environments.sorted { rank($0) < rank($1) }
    }

    /// Notes who has had a turn.
    mutating func give(_ kind: String, account: Int64, environment: Int64?) {
        if lastTurns.count >= Self.mostPlaces { lastTurns = [:] }
        turns += 1
        lastTurns[.account(kind: kind, account)] = turns
        lastTurns[.environment(kind: kind, account: account, environment)] = turns
    }
}
