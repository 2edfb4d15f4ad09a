import EventStore
import JSON
import Text
import Time

/// What some events change about one profile. Times are microseconds since the epoch.
struct ProfileChange {
    var firstSeenAt: Int64
    var lastSeenAt: Int64
    /// When the first of the events was received.
    let createdAt: Int64
    /// When the last identify call was received.
    var modifiedAt: Int64?
    /// Persons only: the first identify call.
    var identifiedBy: EventIdentifier?
    /// When the latest activity was.
    private(set) var lastActiveAt: Int64?
    private(set) var activeDays: ActiveDays?
    /// Persons only: the company that the last identify call named; empty when it took them out of theirs.
    var companyID: String?
    /// Persons only: where the last of the events came from whose address is known, a JSON object.
    var inferredLocation: String?
    /// Persons only.
    private(set) var visits: VisitRun?
    /// When a caller says that the first visit was.
    private(set) var statedFirstVisitAt: Int64?
    /// The properties of the identify calls, in log order.
    private(set) var merges: [JSONDocument] = []

    init(at time: Int64, receivedAt: Int64) {
        (firstSeenAt, lastSeenAt) = (time, time)
        createdAt = receivedAt
    }

    /// Whether nothing but times, days and the location changes.
    var isTouch: Bool { modifiedAt == nil && visits == nil }

    /// The earliest visit event, or what was said of it.
    var firstVisitAt: Int64? {
        guard let earliest = visits?.earliestAt else { return statedFirstVisitAt }
        return min(earliest, statedFirstVisitAt ?? earliest)
    }

    /// The same without visits, for who has had them counted already.
    var withoutVisits: ProfileChange {
        var change = self
        change.visits = nil
        return change
    }

    mutating func addActivity(at time: Int64) {
        lastActiveAt = max(lastActiveAt ?? time, time)
        if activeDays == nil { activeDays = ActiveDays(at: time) } else { activeDays?.insert(time) }
    }

    mutating func addVisitEvent(at time: Int64, in company: () -> ClientText?) {
        if visits == nil {
            visits = VisitRun(at: time, company: company())
        } else {
            visits?.add(at: time, company: company())
        }
    }

    mutating func merge(_ properties: JSONDocument, _ event: EventView) {
        merges.append(properties)
        guard event.surface == .gainsight else { return }
        // What a CRM knows of times before the log.
        if let time = Self.statedTime("lastSeenDate", properties, event) { addActivity(at: time) }
        if let time = Self.statedTime("firstVisitDate", properties, event) {
            statedFirstVisitAt = min(statedFirstVisitAt ?? time, time)
        }
    }

    /// A clock may be so much ahead, in seconds; what lies further in the future would hide all that comes until then.
    private static let clockTolerance: Int64 = 86_400

    /// Milliseconds since the epoch; 0 stands for unknown.
    private static func statedTime(_ key: String, _ properties: JSONDocument, _ event: EventView) -> Int64? {
        guard let milliseconds = properties.root[key]?.int64, milliseconds > 0 else { return nil }
        let time = Timestamp(microseconds: milliseconds.multipliedSaturating(by: 1_000))
        return time <= event.receivedAt.adding(seconds: clockTolerance) ? time.microseconds : nil
    }
}
