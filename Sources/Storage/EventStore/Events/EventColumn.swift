import DuckDB
import JSON
import Time

/// A column of the log of product events: its name there, what of an event it holds, and how queries and exports show it.
struct EventColumn: Sendable {
    let name: String
    let content: Content
    /// Nil for what is of no use outside.
    let shown: ShownColumn?

    /// What of an event is written to a column, and set again from what is read.
    enum Content: Sendable {
        /// The id that an event is given as it is stored.
        case identifier
        /// When the batch arrived that an event came with.
        case receivedAt
        case type
        case source
        case surface
        case int64(Member<Int64>)
        case uint64(Member<UInt64>)
        case int32(Member<Int32?>)
        /// Microseconds since the epoch.
        case time(Member<Int64>)
        case text(EventField)
        /// An object.
        case json(EventField)

        typealias Member<Value> = RowMember<EventRow, Value>
    }

    /// A column that is not shown.
    init(_ name: String, _ content: Content) {
        self.name = name
        self.content = content
        shown = nil
    }

    /// - Parameters:
    ///   - shownName: under which queries and exports have it, nil for its own.
    ///   - description: what it holds, for those who write queries.
    ///   - exports: how exported rows have it.
    init(
        _ name: String, _ content: Content, as shownName: String? = nil, _ description: String,
        exports: ShownColumn.Exports? = nil
    ) {
        self.name = name
        self.content = content
        shown = ShownColumn(
            name: shownName ?? name, description: description, storedName: name, storedType: content.type,
            exports: exports ?? (content.isAlwaysThere ? .always : .orNull))
    }
}

extension EventColumn.Content {
    var type: LogColumnType {
        switch self {
        case .identifier: .uuid
        case .receivedAt, .time: .timestamp
        case .int64: .bigint
        case .uint64: .ubigint
        case .int32: .integer
        case .type, .source, .surface, .text: .varchar
        case .json: .json
        }
    }

    /// Whether no row has NULL there.
    fileprivate var isAlwaysThere: Bool {
        switch self {
        case .identifier, .receivedAt, .type, .source, .surface, .time, .int64, .uint64: true
        case .int32, .text, .json: false
        }
    }

    /// The field that it holds; nil when it is none.
    var field: EventField? {
        switch self {
        case .text(let field), .json(let field): field
        default: nil
        }
    }

    /// Writes an event's cell; one that is left out is NULL, and so are texts, which are not in the row.
    /// - Parameter column: the column's place in the table.
    @inline(__always)
    func write(
        _ event: UnsafePointer<EventRow>, as identifier: EventIdentifier, receivedAt: Timestamp, to chunk: DataChunk,
        column: Int, row: Int
    ) {
        switch self {
        case .identifier: chunk.setUUID(identifier.value, column: column, row: row)
        case .receivedAt: chunk.setTimestamp(receivedAt.microseconds, column: column, row: row)
        case .type: chunk.setStatic(event.pointee.type.staticName, column: column, row: row)
        case .source: chunk.setStatic(event.pointee.source.staticName, column: column, row: row)
        case .surface: chunk.setStatic(event.pointee.surface.staticName, column: column, row: row)
        case .int64(let member): chunk.setInt64(member.value(of: event), column: column, row: row)
        case .uint64(let member): chunk.setUInt64(member.value(of: event), column: column, row: row)
        case .int32(let member):
            if let value = member.value(of: event) { chunk.setInt32(value, column: column, row: row) }
        case .time(let member): chunk.setTimestamp(member.value(of: event), column: column, row: row)
        case .text, .json: break
        }
    }

    /// What is selected so that ``read(_:column:row:into:)`` finds it.
    func selection(of name: String) -> String {
        // When the engine sorts a column of a few very long texts among NULLs, it reserves room as if every row
        // were that long; without NULLs it does not.
        if case .json = self { "coalesce(\(name)::VARCHAR, '')" } else { name }
    }

    /// Sets what a cell holds in the event that the builder has begun last. The id is not part of it.
    func read(_ chunk: Chunk, column: Int, row: Int, into builder: inout EventBatchBuilder) throws {
        switch self {
        case .identifier: break
        case .receivedAt:
            if let time = try chunk.timestamp(column, row) { builder.receivedAt = Timestamp(microseconds: time) }
        case .type:
            let name = try chunk.string(column, row)
            if let type = name.flatMap(EventType.init(name:)) { builder.last.type = type }
        case .source:
            let name = try chunk.string(column, row)
            if let source = name.flatMap(EventSource.init(name:)) { builder.last.source = source }
        case .surface:
            let name = try chunk.string(column, row)
            if let surface = name.flatMap(EventSurface.init(name:)) { builder.last.surface = surface }
        case .int64(let member): if let value = try chunk.int64(column, row) { member.set(value, in: &builder.last) }
        case .uint64(let member): if let value = try chunk.uint64(column, row) { member.set(value, in: &builder.last) }
        case .int32(let member):
            member.set(try chunk.int64(column, row).map(Int32.init(truncatingIfNeeded:)), in: &builder.last)
        case .time(let member):
            if let value = try chunk.timestamp(column, row) { member.set(value, in: &builder.last) }
        case .text(let field): try chunk.withUTF8(column, row) { builder.set(field, to: $0) }
        case .json(let field):
            try chunk.withUTF8(column, row) { bytes in
                if bytes.isEmpty { return }
                builder.set(field, to: bytes)
                guard let object = try? JSONDocument(stored: UnsafeRawBufferPointer(bytes)) else { return }
                builder.setPropertyShape(PropertyShape.of(object.root))
            }
        }
    }
}

extension DataChunk {
    fileprivate func setStatic(_ text: StaticString, column: Int, row: Int) {
        setTrustedUTF8(
            UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount), column: column, row: row)
    }
}
