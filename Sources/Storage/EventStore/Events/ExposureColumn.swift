import DuckDB
import Time

/// One row of the log of experiment events: an event, and one of the experiences that it counts for.
struct ExposureRow {
    var event: ExperimentEvent
    /// Nil for an event that counts for none.
    var experienceID: Int64?
    var variationID: Int64?

    /// A row that is still to be read: it holds nothing yet.
    init() {
        let never = Timestamp(microseconds: 0)
        event = ExperimentEvent(
            id: EventIdentifier(value: 0), environmentID: 0, projectID: 0, kind: .viewExperience, occurredAt: never,
            receivedAt: never, visitorID: "", assignments: [])
    }

    init(_ event: ExperimentEvent) {
        self.event = event
    }
}

/// A column of the log of experiment events: its name there, and what of a row it holds.
struct ExposureColumn: Sendable {
    let name: String
    /// What it is called where an event is written down on its way to the log; nil for what is not of the event alone.
    let member: String?
    let content: Content

    /// What of a row is written to a column, and set again from what is read. A row that lacks what is not optional is no
    /// event.
    enum Content: Sendable {
        case identifier
        case kind
        case int64(Get<Int64>, Set<Int64>)
        case time(Get<Timestamp>, Set<Timestamp>)
        case text(Get<String>, Set<String>)
        case optionalInt64(Get<Int64?>, Set<Int64>)
        case optionalDouble(Get<Double?>, Set<Double>)
        case optionalText(Get<String?>, Set<String>)
        case texts(Get<[String]>, Set<[String]>)
        case int64s(Get<[Int64]>, Set<[Int64]>)

        typealias Get<Value> = @Sendable (ExposureRow) -> Value
        typealias Set<Value> = @Sendable (inout ExposureRow, Value) -> Void
    }

    init(_ name: String, as member: String?, _ content: Content) {
        self.name = name
        self.member = member
        self.content = content
    }
}

extension ExposureColumn.Content {
    var type: LogColumnType {
        switch self {
        case .identifier: .uuid
        case .time: .timestamp
        case .int64, .optionalInt64: .bigint
        case .optionalDouble: .double
        case .kind, .text, .optionalText: .varchar
        case .texts: .varchars
        case .int64s: .bigints
        }
    }

    /// Writes a cell; one that is left out is NULL.
    /// - Parameters:
    ///   - column: the column's place in the table.
    ///   - place: the row's place in the chunk.
    func write(_ row: ExposureRow, to chunk: DataChunk, column: Int, row place: Int) {
        switch self {
        case .identifier: chunk.setUUID(row.event.id.value, column: column, row: place)
        case .kind: chunk.setString(row.event.kind.rawValue, column: column, row: place)
        case .int64(let get, _): chunk.setInt64(get(row), column: column, row: place)
        case .time(let get, _): chunk.setTimestamp(get(row).microseconds, column: column, row: place)
        case .text(let get, _): chunk.setString(get(row), column: column, row: place)
        case .optionalInt64(let get, _): if let value = get(row) { chunk.setInt64(value, column: column, row: place) }
        case .optionalDouble(let get, _): if let value = get(row) { chunk.setDouble(value, column: column, row: place) }
        case .optionalText(let get, _): if let text = get(row) { chunk.setString(text, column: column, row: place) }
        case .texts(let get, _): chunk.setStrings(get(row), column: column, row: place)
        case .int64s(let get, _): chunk.setInt64s(get(row), column: column, row: place)
        }
    }

    /// What is selected so that ``read(_:column:row:into:)`` finds it.
    func selection(of name: String) -> String {
        if case .int64s = self { "\(name)::VARCHAR[]" } else { name }
    }

    /// Sets what a cell holds.
    /// - Returns: false when the row is no event that this version knows.
    func read(_ chunk: Chunk, column: Int, row place: Int, into row: inout ExposureRow) throws -> Bool {
        switch self {
        case .identifier:
            return try chunk.uuid(column, place).map { row.event.id = EventIdentifier(value: $0) } != nil
        case .kind:
            let kind = try chunk.string(column, place).flatMap(ExperimentEvent.Kind.init(rawValue:))
            return kind.map { row.event.kind = $0 } != nil
        case .int64(_, let set): return try chunk.int64(column, place).map { set(&row, $0) } != nil
        case .time(_, let set):
            return try chunk.timestamp(column, place).map { set(&row, Timestamp(microseconds: $0)) } != nil
        case .text(_, let set): return try chunk.string(column, place).map { set(&row, $0) } != nil
        case .optionalInt64(_, let set): try chunk.int64(column, place).map { set(&row, $0) }
        case .optionalDouble(_, let set): try chunk.double(column, place).map { set(&row, $0) }
        case .optionalText(_, let set): try chunk.string(column, place).map { set(&row, $0) }
        case .texts(_, let set): try chunk.strings(column, place).map { set(&row, $0) }
        case .int64s(_, let set): try chunk.strings(column, place).map { set(&row, $0.compactMap { Int64($0) }) }
        }
        return true
    }
}
