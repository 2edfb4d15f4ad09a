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
        case int64(@Sendable (EventRow) -> Int64, @Sendable (inout EventRow, Int64) -> Void)
        case uint64(@Sendable (EventRow) -> UInt64, @Sendable (inout EventRow, UInt64) -> Void)
        case int32(@Sendable (EventRow) -> Int32?, @Sendable (inout EventRow, Int32) -> Void)
        /// Microseconds since the epoch.
        case time(@Sendable (EventRow) -> Int64, @Sendable (inout EventRow, Int64) -> Void)
        /// A name out of a fixed list.
        case word(@Sendable (EventRow) -> StaticString, @Sendable (inout EventRow, String) -> Void)
        case text(EventField)
        /// An object.
        case json(EventField)
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
        case .word, .text: .varchar
        case .json: .json
        }
    }

    /// Whether no row has NULL there.
    fileprivate var isAlwaysThere: Bool {
        switch self {
        case .identifier, .receivedAt, .time, .int64, .uint64, .word: true
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

    /// Writes an event's cell; one that is left out is NULL.
    /// - Parameters:
    ///   - text: of the event's batch.
    ///   - column: the column's place in the table.
    @inline(__always)
    func write(
        _ event: EventRow, as identifier: EventIdentifier, receivedAt: Timestamp, text: UnsafeBufferPointer<UInt8>,
        to chunk: DataChunk, column: Int, row: Int
    ) {
        switch self {
        case .identifier: chunk.setUUID(identifier.value, column: column, row: row)
        case .receivedAt: chunk.setTimestamp(receivedAt.microseconds, column: column, row: row)
        case .int64(let value, _): chunk.setInt64(value(event), column: column, row: row)
        case .uint64(let value, _): chunk.setUInt64(value(event), column: column, row: row)
        case .int32(let value, _): if let value = value(event) { chunk.setInt32(value, column: column, row: row) }
        case .time(let value, _): chunk.setTimestamp(value(event), column: column, row: row)
        case .word(let value, _):
            let word = value(event)
            let bytes = UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount)
            chunk.setTrustedUTF8(bytes, column: column, row: row)
        case .text(let field), .json(let field):
            let slice = event.texts[field.rawValue]
            if slice.isNone { return }
            let bytes = UnsafeBufferPointer(rebasing: text[Int(slice.offset)..<Int(slice.offset) + Int(slice.length)])
            chunk.setTrustedUTF8(bytes, column: column, row: row)
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
        case .int64(_, let set): if let value = try chunk.int64(column, row) { set(&builder.last, value) }
        case .uint64(_, let set): if let value = try chunk.uint64(column, row) { set(&builder.last, value) }
        case .int32(_, let set):
            if let value = try chunk.int64(column, row) { set(&builder.last, Int32(truncatingIfNeeded: value)) }
        case .time(_, let set): if let value = try chunk.timestamp(column, row) { set(&builder.last, value) }
        case .word(_, let set): if let word = try chunk.string(column, row) { set(&builder.last, word) }
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
