import Text
import Time

/// Events of one person that count for visits, in log order.
///
/// One begins a visit when it happened more than half an hour after the one before it, whichever of them opened a session:
/// so one sitting counts once, whether it is told by page views, by `session_start` or by both. Whether the first of
/// these does, the profile tells.
struct VisitRun {
    /// After so long without an event, the next one begins a visit: in microseconds.
    static let pause = Timestamp(seconds: 30 * 60).microseconds

    let firstAt: Int64
    /// Where the person was when the first happened; nil for in no company.
    let firstCompany: ClientText?
    private(set) var earliestAt: Int64
    private(set) var lastAt: Int64
    /// Visits that the others began, by company.
    private(set) var further: [ClientText?: Int] = [:]

    init(at time: Int64, company: ClientText?) {
        (firstAt, earliestAt, lastAt) = (time, time, time)
        firstCompany = company
    }

    mutating func add(at time: Int64, company: @autoclosure () -> ClientText?) {
        if Self.isNew(time, after: lastAt) { further[company(), default: 0] += 1 }
        earliestAt = min(earliestAt, time)
        lastAt = time
    }

    /// The visits that began, by company.
    /// - Parameter last: when the person's last such event before these happened; nil for never.
    func counts(after last: Int64?) -> [ClientText?: Int] {
        var counts = further
        if last.map({ Self.isNew(firstAt, after: $0) }) ?? true { counts[firstCompany, default: 0] += 1 }
        return counts
    }

    private static func isNew(_ time: Int64, after last: Int64) -> Bool { time > last.addingSaturating(pause) }
}
