import EventStore
import JSON
import Time

/// The three ways to send many rows in one file, and what a row of each means.
public enum UploadKind: String, Sendable, CaseIterable {
    case bulkUsers = "bulk_identify_users"
    case bulkCompanies = "bulk_identify_companies"
    case importEvents = "import"

    /// Rows of one file (contract: bulk takes 10,000). Imports take as many as a file of the largest size holds of rows
    /// that have what they need.
    var maximumRows: Int {
        self == .importEvents ? 25_000_000 : 10_000
    }

    /// Whether rows are counted before the upload is taken; otherwise its job counts them.
    var isCountedAtOnce: Bool { self != .importEvents }

    /// The member that holds the rows of a JSON object.
    var listName: String {
        switch self {
        case .bulkUsers: "users"
        case .bulkCompanies: "companies"
        case .importEvents: "events"
        }
    }

    /// One bulk job at a time, users or companies; one import at a time.
    enum Group: String {
        case bulk
        case imports = "import"
    }

    var group: Group { self == .importEvents ? .imports : .bulk }

    /// The first part of the job's public id.
    var idPrefix: String {
        self == .importEvents ? "import:jobs" : "bulk:jobs"
    }

    /// What holds for the rows of a file.
    func call(in stream: EventStream, now: Timestamp) -> EventCall {
        var call = EventCall(stream: stream, surface: .userpilot, now: now)
        switch self {
        case .bulkUsers: call.typeRule = .fixed(.identifyUser)
        case .bulkCompanies: call.typeRule = .fixed(.identifyCompany)
        case .importEvents:
            call.typeRule = .named(default: nil)
            call.defaultSource = nil
        }
        return call
    }

    /// A CSV file without these columns holds no rows of this kind, whatever else it is.
    func checkColumns(_ columns: [String]) throws(EventRejection) {
        let needed: [String]
        switch self {
        case .bulkUsers: needed = ["user_id"]
        case .bulkCompanies: needed = ["company_id"]
        case .importEvents: needed = ["event_type", "source", "inserted_at"]
        }
        guard let missing = needed.first(where: { !columns.contains($0) }) else { return }
        throw EventRejection(.missingField, field: missing, "The CSV file's first row names no column \(missing).")
    }

    /// What only rows of imports must have (contract schema `ImportRow`). All types of events are taken, as exports have
    /// them all.
    func check(_ row: JSONNode) throws(EventRejection) {
        guard self == .importEvents, row.kind == .object else { return }
        func has(_ key: String) -> Bool { row[key].map { !$0.isNull && !$0.isString("") } ?? false }
        guard has("inserted_at") else {
            throw EventRejection(.missingField, field: "inserted_at", "inserted_at is required.")
        }
        // What was exported was an event, though it may not have all that is asked of others.
        if ExportedRow.isExported(row) { return }
        guard row["source"]?.isString("web-client") ?? false else { return }
        guard has("url") || (has("hostname") && has("pathname")) else {
            throw EventRejection(
                .missingField, field: "hostname", "Rows from web-client need hostname and pathname, or url.")
        }
        guard has("user_agent") else {
            throw EventRejection(.missingField, field: "user_agent", "Rows from web-client need user_agent.")
        }
    }
}
