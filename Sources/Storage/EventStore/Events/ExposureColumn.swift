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
    /// Nil for what is of no use outside.
    let shown: ShownColumn?

    /// What of a row is written to a column, and set again from what is read. A row that lacks what is not optional is no
    /// event.
    enum Content: Sendable {
        case identifier
        case kind
        case int64(Member<Int64>)
        case time(Member<Timestamp>)
        case text(Member<String>)
        case optionalInt64(Member<Int64?>)
        case optionalDouble(Member<Double?>)
        case optionalText(Member<String?>)
        case texts(Member<[String]>)
        case int64s(Member<[Int64]>)

        typealias Member<Value> = RowMember<ExposureRow, Value>
    }

    /// - Parameter description: what it holds, for those who write queries; nil for a column that they do not see.
    init(_ name: String, as member: String?, _ content: Content, _ description: String? = nil) {
        self.name = name
        self.member = member
        self.content = content
        shown = description.map { description in
            ShownColumn(
                name: name, description: description, storedName: name, storedType: content.type, exports: .orNull)
        }
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
    func write(_ row: UnsafePointer<ExposureRow>, to chunk: DataChunk, column: Int, row place: Int) {
        switch self {
        case .identifier: chunk.setUUID(row.pointee.event.id.value, column: column, row: place)
        case .kind: chunk.setString(row.pointee.event.kind.rawValue, column: column, row: place)
        case .int64(let member): chunk.setInt64(member.value(of: row), column: column, row: place)
        case .time(let member): chunk.setTimestamp(member.value(of: row).microseconds, column: column, row: place)
        case .text(let member): chunk.setString(member.value(of: row), column: column, row: place)
        case .optionalInt64(let member):
            if let value = member.value(of: row) { chunk.setInt64(value, column: column, row: place) }
        case .optionalDouble(let member):
            if let value = member.value(of: row) { chunk.setDouble(value, column: column, row: place) }
        case .optionalText(let member):
            if let text = member.value(of: row) { chunk.setString(text, column: column, row: place) }
        case .texts(let member): chunk.setStrings(member.value(of: row), column: column, row: place)
        case .int64s(let member): chunk.setInt64s(member.value(of: row), column: column, row: place)
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
        case .int64(let member): return try chunk.int64(column, place).map { member.set($0, in: &row) } != nil
        case .time(let member):
            return try chunk.timestamp(column, place).map { member.set(Timestamp(microseconds: $0), in: &row) } != nil
        case .text(let member): return try chunk.string(column, place).map { member.set($0, in: &row) } != nil
        case .optionalInt64(let member): member.set(try chunk.int64(column, place), in: &row)
        case .optionalDouble(let member): member.set(try chunk.double(column, place), in: &row)
        case .optionalText(let member): member.set(try chunk.string(column, place), in: &row)
        case .texts(let member): member.set(try chunk.strings(column, place) ?? [], in: &row)
        case .int64s(let member):
            member.set(try chunk.strings(column, place)?.compactMap { Int64($0) } ?? [], in: &row)
        }
        return true
    }
}
