import DuckDB
import Foundation

/// Writes query results as an Avro object container file (Apache Avro 1.11 specification, "Object Container Files").
///
/// The engine has a writer of its own in its Avro extension, but the one released for 1.5.5 drops a row whenever its
/// buffer has to grow (duckdb/duckdb-avro, issue 110), and an export must lose nothing.
struct AvroFileWriter {
    /// How a column is written.
    enum FieldType {
        case string
        case optionalString
        case optionalInteger
        case optionalLong
        case optionalDouble
        case strings
        /// Whole numbers, which the query gives as texts.
        case integers

        var schema: String {
            switch self {
            case .string: #""string""#
            case .optionalString: #"["null", "string"]"#
            case .optionalInteger: #"["null", "int"]"#
            case .optionalLong: #"["null", "long"]"#
            case .optionalDouble: #"["null", "double"]"#
            case .strings: #"{"type": "array", "items": "string"}"#
            case .integers: #"{"type": "array", "items": "long"}"#
            }
        }
    }

    struct Field {
        let name: String
        let type: FieldType
    }

    private let fields: [Field]
    private let file: FileHandle
    private let syncMarker: [UInt8]
    private var block: [UInt8] = []
    private var blockRowCount = 0

    /// Blocks are closed at about this many bytes: small enough to stream, large enough to compress well later.
    private static let blockBytes = 256 * 1_024

    /// Writes every row of the query to a new file.
    /// - Parameter fields: one for each column of the query, in its order.
    /// - Returns: how many rows there were.
    static func write(_ rows: Rows, fields: [Field], to path: String) throws -> Int {
        guard FileManager.default.createFile(atPath: path, contents: nil), let file = FileHandle(forWritingAtPath: path)
        else { throw CocoaError(.fileWriteUnknown) }
        defer { try? file.close() }
        var writer = AvroFileWriter(fields: fields, file: file)
        try writer.writeHeader()
        var rowCount = 0
        while let chunk = try rows.next() {
            for row in 0..<chunk.count { try writer.append(chunk, row) }
            rowCount += chunk.count
        }
        try writer.endBlock()
        try file.synchronize()
        return rowCount
    }

    private init(fields: [Field], file: FileHandle) {
        self.fields = fields
        self.file = file
        syncMarker = (0..<16).map { _ in UInt8.random(in: .min ... .max) }
        block.reserveCapacity(Self.blockBytes * 2)
    }

    private func writeHeader() throws {
        let members = fields.map { #"{"name": "\#($0.name)", "type": \#($0.type.schema)}"# }
        let schema = #"{"type": "record", "name": "ExportedEvent", "fields": [\#(members.joined(separator: ", "))]}"#
        var header = Array("Obj".utf8) + [1]
        Self.append(2, to: &header)
        for (key, value) in [("avro.codec", "null"), ("avro.schema", schema)] {
            Self.append(key, to: &header)
            Self.append(value, to: &header)
        }
        Self.append(0, to: &header)
        try file.write(contentsOf: Data(header + syncMarker))
    }

    private mutating func append(_ chunk: Chunk, _ row: Int) throws {
        for (column, field) in fields.enumerated() {
            switch field.type {
            case .strings: appendArray(try chunk.strings(column, row) ?? []) { Self.append($0, to: &$1) }
            case .integers:
                let numbers = try chunk.strings(column, row)?.compactMap { Int64($0) } ?? []
                appendArray(numbers) { Self.append($0, to: &$1) }
            case .optionalDouble:
                guard let value = try chunk.double(column, row) else {
                    block.append(0)
                    continue
                }
                block.append(2)
                // Eight bytes, the lowest first.
                withUnsafeBytes(of: value.bitPattern.littleEndian) { block.append(contentsOf: $0) }
            case .optionalInteger, .optionalLong:
                guard let value = try chunk.int64(column, row) else {
                    block.append(0)
                    continue
                }
                block.append(2)
                Self.append(value, to: &block)
            case .string, .optionalString:
                // The branch of the union is a number of its own, written before the value.
                let isPresent: Void? = try chunk.withUTF8(column, row) { text in
                    if case .optionalString = field.type { block.append(2) }
                    Self.append(Int64(text.count), to: &block)
                    block.append(contentsOf: text)
                }
                if isPresent == nil { block.append(0) }
            }
        }
        blockRowCount += 1
        if block.count >= Self.blockBytes { try endBlock() }
    }

    /// One block of items, and the end of blocks.
    private mutating func appendArray<Item>(_ items: [Item], _ append: (Item, inout [UInt8]) -> Void) {
        if !items.isEmpty { Self.append(Int64(items.count), to: &block) }
        for item in items { append(item, &block) }
        Self.append(0, to: &block)
    }

    private mutating func endBlock() throws {
        guard blockRowCount > 0 else { return }
        var head: [UInt8] = []
        Self.append(Int64(blockRowCount), to: &head)
        Self.append(Int64(block.count), to: &head)
        try file.write(contentsOf: Data(head))
        try file.write(contentsOf: Data(block))
        try file.write(contentsOf: Data(syncMarker))
        block.removeAll(keepingCapacity: true)
        blockRowCount = 0
    }

    /// A long: zigzag, then seven bits a byte, the lowest first.
    private static func append(_ value: Int64, to bytes: inout [UInt8]) {
        var rest = UInt64(bitPattern: value << 1 ^ value >> 63)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        append(Int64(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }
}
