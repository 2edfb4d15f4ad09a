import JSON
import Time

/// A field of an Avro file's rows.
struct AvroColumn {
    let name: String
    let schema: AvroSchema
    let isWanted: Bool
}

/// The values of one block of an Avro file, written as JSON one after the other.
struct AvroValues {
    private let bytes: [UInt8]
    private var position = 0
    /// Values of the row under way; an array may claim any number of values that take no bytes.
    private var valueCount = 0
    /// What is wrong with a value of the column under way that nevertheless ends where it should.
    private var defect: String?
    /// Bytes of the last row as JSON, with what was passed over of it.
    private(set) var rowBytes = 0

    private static let maximumValues = 1_000_000
    /// Of a row as JSON, and of what is passed over of it: the names that the schema gives are written for each value,
    /// however few bytes that takes.
    private static let maximumRowBytes = UploadLines.maximumBytes

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    var isAtEnd: Bool { position == bytes.count }

    /// The next record as a JSON object of the columns that are wanted, or why it is refused; nil when the bytes are none.
    mutating func row(of columns: [AvroColumn]) -> Result<[UInt8], EventRejection>? {
        valueCount = 0
        var row = JSONWriter()
        var others = JSONWriter()
        var rejection: EventRejection?
        row.beginObject()
        for column in columns {
            defect = nil
            guard column.isWanted else {
                // Where a value ends is known once it has been read.
                guard write(column.schema, to: &others) else { return nil }
                continue
            }
            row.key(column.name)
            guard write(column.schema, to: &row) else { return nil }
            guard rejection == nil, let defect else { continue }
            rejection = EventRejection(.malformed, field: column.name, "\(column.name) \(defect).")
        }
        row.endObject()
        rowBytes = row.bytes.count + others.bytes.count
        return rejection.map { .failure($0) } ?? .success(row.bytes)
    }

    private mutating func writeRecord(
        _ fields: [(name: String, schema: AvroSchema)], to writer: inout JSONWriter
    ) -> Bool {
        writer.beginObject()
        for field in fields {
            writer.key(field.name)
            guard write(field.schema, to: &writer) else { return false }
        }
        writer.endObject()
        return true
    }

    private mutating func write(_ schema: AvroSchema, to writer: inout JSONWriter) -> Bool {
        valueCount += 1
        guard valueCount <= Self.maximumValues, writer.bytes.count <= Self.maximumRowBytes else { return false }
        switch schema {
        case .null: writer.null()
        case .boolean:
            guard let byte = take(1)?.first, byte <= 1 else { return false }
            writer.bool(byte == 1)
        case .integer(let moment):
            guard let value = integer() else { return false }
            write(value, moment, to: &writer)
        case .float:
            guard let bits = bits(4) else { return false }
            writer.double(Double(Float(bitPattern: UInt32(bits))))
        case .double:
            guard let bits = bits(8) else { return false }
            writer.double(Double(bitPattern: bits))
        case .text:
            guard let count = integer(), let text = take(count) else { return false }
            writer.string(string(text))
        case .fixed(let byteCount):
            guard let text = take(Int64(byteCount)) else { return false }
            writer.string(string(text))
        case .symbol(let symbols):
            guard let index = integer(), symbols.indices.contains(Int(clamping: index)) else { return false }
            writer.string(symbols[Int(clamping: index)])
        case .array(let element):
            writer.beginArray()
            guard items({ $0.write(element, to: &writer) }) else { return false }
            writer.endArray()
        case .map(let element):
            writer.beginObject()
            let isWhole = items { values in
                guard let count = values.integer(), let key = values.take(count) else { return false }
                writer.key(values.string(key))
                return values.write(element, to: &writer)
            }
            guard isWhole else { return false }
            writer.endObject()
        case .union(let branches):
            guard let index = integer(), branches.indices.contains(Int(clamping: index)) else { return false }
            return write(branches[Int(clamping: index)], to: &writer)
        case .record(let fields): return writeRecord(fields, to: &writer)
        }
        return true
    }

    private mutating func string(_ text: ArraySlice<UInt8>) -> String {
        if let text = String(validating: text, as: UTF8.self) { return text }
        defect = "is not valid UTF-8"
        return ""
    }

    private mutating func write(_ value: Int64, _ moment: AvroSchema.Moment?, to writer: inout JSONWriter) {
        guard let moment else { return writer.integer(value) }
        let factor: Int64 =
            switch moment {
            case .days: 86_400_000_000
            case .milliseconds: 1_000
            case .microseconds: 1
            }
        let (microseconds, isTooLarge) = value.multipliedReportingOverflow(by: factor)
        // From year 1 to year 9999: what lies outside has no text.
        guard !isTooLarge, (-62_135_596_800_000_000...253_402_300_799_999_999).contains(microseconds) else {
            defect = "is a time outside of the years 1 to 9999"
            return writer.null()
        }
        writer.string(Timestamp(microseconds: microseconds).formatted(.microsecondsUTC))
    }

    /// The blocks of an array or a map, each item given to the body.
    private mutating func items(_ body: (inout AvroValues) -> Bool) -> Bool {
        while true {
            guard var count = integer() else { return false }
            if count == 0 { return true }
            if count < 0 {
                guard integer() != nil, count > .min else { return false }
                count = -count
            }
            guard count <= Self.maximumValues else { return false }
            for _ in 0..<count {
                guard body(&self) else { return false }
            }
        }
    }

    private mutating func take(_ count: Int64) -> ArraySlice<UInt8>? {
        guard count >= 0, count <= bytes.count - position else { return nil }
        defer { position += Int(count) }
        return bytes[position..<position + Int(count)]
    }

    private mutating func bits(_ count: Int64) -> UInt64? {
        take(count)?.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    }

    private mutating func integer() -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, position < bytes.count {
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
            shift += 7
        }
        return nil
    }
}
