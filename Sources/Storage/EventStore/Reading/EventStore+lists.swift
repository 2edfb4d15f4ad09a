import DuckDB
import Time

extension EventStore {
    /// Lists that callers read at the same time: others have connections left.
    static let listsAtOnce = 2

    /// Of one environment that wait.
    static let mostListsWaiting = 50

    /// Environments take turns.
    private func listing<Result: Sendable>(
        of environmentID: Int64, _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        do {
            return try await lists.run(for: environmentID) { try await readers.run(body) }
        } catch is TooManyReports {
            throw EventStoreError.unavailable(
                reason: "too many lists wait to be read; send the same request again after a moment")
        }
    }

    /// A page of a list. Environments take turns.
    /// - Parameters:
    ///   - place: behind which it begins; nil for the first page.
    ///   - limit: events of a page at most.
    /// - Throws: ``EventListError``.
    public func page(of list: EventList, behind place: EventList.Place?, limit: Int) async throws -> EventList.Page {
        try await listing(of: list.environmentID) { connection in
            try Self.page(of: list, behind: place, limit: limit, connection)
        }
    }

    private static func page(
        of list: EventList, behind place: EventList.Place?, limit: Int, _ connection: Connection
    ) throws -> EventList.Page {
        var sql = EventListSQL(list)
        let condition = sql.condition(behind: place)
        let order = sql.order()
        let keys = list.sort.indices.map { "\(sql.expression(of: list.sort[$0]))::VARCHAR AS key_\($0)" }
        let columns = EventTable.columns.map { $0.content.selection(of: $0.name) } + keys + [sql.marks()]
        let rows = try connection.query(
            """
            SELECT \(columns.joined(separator: ", ")) FROM \(EventTable.name) WHERE \(condition)
            ORDER BY \(order) LIMIT \(limit)
            """, sql.values)
        return try page(rows, list, limit: limit)
    }

    /// Events of a list in the order of the log, behind a position.
    public func page(of list: EventList, behind position: LogPosition, limit: Int) async throws -> EventList.Page {
        var list = list
        list.sort = []
        let (followed, place) = (list, EventList.Place(keys: [], event: position.last))
        return try await readers.run { try Self.page(of: followed, behind: place, limit: limit, $0) }
    }

    /// How many events a list has in all.
    public func count(of list: EventList) async throws -> Int {
        try await listing(of: list.environmentID) { connection in
            var sql = EventListSQL(list)
            let condition = sql.condition(behind: nil)
            let rows = try connection.query("SELECT count(*) FROM \(EventTable.name) WHERE \(condition)", sql.values)
            return Int(try rows.next()?.int64(0, 0) ?? 0)
        }
    }

    private static func page(_ rows: Rows, _ list: EventList, limit: Int) throws -> EventList.Page {
        let sort = list.sort
        var marks: [[Bool]] = []
        var builder = EventBatchBuilder(receivedAt: Timestamp(microseconds: 0), expectedEvents: limit)
        var identifiers: [EventIdentifier] = []
        var receivedAt: [Timestamp] = []
        var keys: [EventList.Place.Key] = []
        let first = EventTable.columns.count
        while let chunk = try rows.next() {
            for row in 0..<chunk.count {
                identifiers.append(try builder.addStored(chunk, row: row))
                receivedAt.append(builder.receivedAt)
                marks.append(
                    list.marks.isEmpty
                        ? [] : (try chunk.string(first + sort.count, row) ?? "").utf8.map { $0 == UInt8(ascii: "1") })
                guard builder.textByteCount <= EventList.maximumPageBytes else { throw EventListError.pageTooLarge }
                guard row == chunk.count - 1 else { continue }
                keys = try sort.indices.map { index in
                    let text = try chunk.string(first + index, row) ?? ""
                    guard case .time = sort[index] else { return .text(text) }
                    return .time(Int64(text) ?? 0)
                }
            }
        }
        let batch = builder.build()
        return EventList.Page(
            events: (0..<batch.count).map { batch[$0] }, identifiers: identifiers, receivedAt: receivedAt,
            marks: marks, byteCount: batch.byteCount,
            end: identifiers.last.map { EventList.Place(keys: keys, event: $0) })
    }
}

/// A list as a condition and an order over rows of the log.
private struct EventListSQL {
    private let list: EventList
    private(set) var values: [Value] = []

    init(_ list: EventList) {
        self.list = list
    }

    /// The place of a value in the statement.
    private mutating func bind(_ value: Value) -> String {
        values.append(value)
        return "$\(values.count)"
    }

    mutating func condition(behind place: EventList.Place?) -> String {
        let types = bind(.strings(list.types.map(\.name)))
        var conditions = [
            "environment_id = \(bind(.int64(list.environmentID)))",
            "event_type IN (SELECT unnest(\(types)))",
            condition(list.span), list.upTo.rowCondition("event_id"),
        ]
        if !list.alternatives.isEmpty {
            conditions.append(condition(list.alternatives))
        }
        if let place { conditions.append(condition(behind: place)) }
        return conditions.joined(separator: " AND ")
    }

    private mutating func condition(_ alternatives: [[EventList.Term]]) -> String {
        let parts = alternatives.map { terms in
            "(" + (terms.isEmpty ? ["true"] : terms.map { condition($0) }).joined(separator: " AND ") + ")"
        }
        return "(" + parts.joined(separator: " OR ") + ")"
    }

    /// A column with a sign for each mark of the list: 1 where an event bears it.
    mutating func marks() -> String {
        let signs = list.marks.map { "CASE WHEN \($0.isEmpty ? "true" : condition($0)) THEN '1' ELSE '0' END" }
        return "concat(\((signs + ["''"]).joined(separator: ", "))) AS marks"
    }

    private mutating func condition(_ span: Range<Timestamp>) -> String {
        let start = bind(.timestamp(span.lowerBound.microseconds))
        let end = bind(.timestamp(span.upperBound.microseconds))
        return "(occurred_at >= \(start) AND occurred_at < \(end))"
    }

    private mutating func condition(_ term: EventList.Term) -> String {
        switch term {
        case .time(let span): return condition(span)
        case .notTime(let span): return "NOT \(condition(span))"
        case .text(let text, let comparison, let operand):
            var fold = "lower"
            if case .identifier = text { fold = "" }
            let left = "\(fold)(\(expression(of: text)))"
            switch comparison {
            case .like, .unlike:
                // By automaton: SQL's LIKE tries every way to read several stars.
                let match = "regexp_full_match(\(left), \(fold)(\(bind(.string(Self.pattern(operand))))), 's')"
                return comparison == .like ? match : "NOT \(match)"
            default: return "\(left) \(comparison.rawValue) \(fold)(\(bind(.string(operand))))"
            }
        }
    }

    /// `*` and `?` as regular expressions have them; every other sign stands for itself.
    private static func pattern(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "*"): bytes += [UInt8(ascii: "."), UInt8(ascii: "*")]
            case UInt8(ascii: "?"): bytes.append(UInt8(ascii: "."))
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
                bytes.append(byte)
            // A line feed or a zero byte has no escape by a backslash, and means nothing by itself.
            case 0..<0x20, 0x7F: bytes.append(byte)
            default: bytes += [UInt8(ascii: "\\"), byte]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func expression(of text: EventList.Text) -> String {
        switch text {
        case .field(let field): return "coalesce(\(field.column), '')"
        case .property(let path):
            let pointer = path.map { "/" + $0.replacing("~", with: "~0").replacing("/", with: "~1") }.joined()
            return "coalesce(json_extract_string(properties, \(bind(.string(pointer)))), '')"
        case .source: return "source"
        case .identifier(let text): return expression(of: text)
        case .first(let texts):
            let parts = texts.map { "nullif(\(expression(of: $0)), '')" }
            return "coalesce(\((parts + ["''"]).joined(separator: ", ")))"
        }
    }

    mutating func expression(of key: EventList.SortKey) -> String {
        switch key {
        case .time: "epoch_us(occurred_at)"
        case .text(let text, _): expression(of: text)
        }
    }

    mutating func order() -> String {
        let keys = list.sort.map { key in "\(expression(of: key)) \(key.isDescending ? "DESC" : "ASC")" }
        return (keys + ["event_id"]).joined(separator: ", ")
    }

    /// Rows behind one, in the list's order.
    private mutating func condition(behind place: EventList.Place) -> String {
        var alternatives: [String] = []
        var equal: [String] = []
        for (key, value) in zip(list.sort, place.keys) {
            let left = expression(of: key)
            let right =
                switch value {
                case .time(let microseconds): bind(.int64(microseconds))
                case .text(let text): bind(.string(text))
                }
            alternatives.append(
                (equal + ["\(left) \(key.isDescending ? "<" : ">") \(right)"]).joined(separator: " AND "))
            equal.append("\(left) = \(right)")
        }
        alternatives.append((equal + ["event_id > \(bind(.uuid(place.event.value)))"]).joined(separator: " AND "))
        return "(" + alternatives.map { "(\($0))" }.joined(separator: " OR ") + ")"
    }
}

extension EventList.SortKey {
    var isDescending: Bool {
        switch self {
        case .time(let isDescending), .text(_, let isDescending): isDescending
        }
    }
}
