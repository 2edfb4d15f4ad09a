import JSON
import Text

/// Reads the rows of an Avro object container file (Apache Avro 1.11 specification, "Object Container Files"), packed
/// with deflate or not at all. Each row comes as JSON, and one with a value that JSON cannot hold is refused alone.
struct AvroReader {
    static let magic = Array("Obj".utf8) + [1]

    /// Why there are no more rows although the file is not at its end.
    var damage: EventRejection? { ownDamage ?? bytes.damage }

    private var bytes: ByteCursor
    private let columns: [AvroColumn]
    private let isDeflated: Bool
    private let syncMarker: [UInt8]
    private var block: AvroValues
    private var rowsLeft: Int64 = 0
    private var ownDamage: EventRejection?
    /// Bytes of the rows so far as JSON, with what was passed over of them.
    private var writtenBytes = 0
    private let maximumBytes: Int

    /// Bytes of one block, packed or not; ours have 256 KB.
    private static let maximumBlockBytes = 64 * 1_024 * 1_024
    private static let maximumHeaderEntries: Int64 = 1_000
    /// Bytes of the header's entries, which are held while the file is read; a small packed file may claim any number.
    private static let maximumHeaderBytes = 1_024 * 1_024

    /// Reads a file's header.
    /// - Parameters:
    ///   - maximumBytes: of all rows as JSON, with what is passed over of them.
    ///   - isWanted: whether a column is read, by its name; the others are passed over, whatever they hold.
    /// - Throws: `EventRejection` when it is damaged, or of a kind that is not read.
    init(
        _ source: UploadSource, maximumBytes: Int = UploadPieces.maximumBytes, isWanted: (String) -> Bool
    ) throws(EventRejection) {
        self.maximumBytes = maximumBytes
        bytes = ByteCursor(source.pieces())
        block = AvroValues([])
        guard bytes.take(Self.magic.count) == Self.magic, let entries = Self.header(&bytes),
            let marker = bytes.take(16)
        else { throw Self.damaged }
        syncMarker = marker
        switch entries["avro.codec"].map({ String(decoding: $0, as: UTF8.self) }) ?? "null" {
        case "null": isDeflated = false
        case "deflate": isDeflated = true
        case let codec:
            throw EventRejection(
                .malformed, field: "file",
                "The Avro file is packed with \(codec.prefix(40)); only deflate, or no packing, can be read.")
        }
        guard let text = entries["avro.schema"], let json = try? JSONValue(parsing: text),
            case .record(let fields)? = AvroSchema(json)
        else {
            throw EventRejection(
                .malformed, field: "file", "The Avro file's schema must be a record of fields that JSON can hold.")
        }
        columns = fields.map { AvroColumn(name: $0.name, schema: $0.schema, isWanted: isWanted($0.name)) }
    }

    private static func header(_ bytes: inout ByteCursor) -> [ClientText: [UInt8]]? {
        var entries: [ClientText: [UInt8]] = [:]
        var room = maximumHeaderBytes
        while true {
            guard var count = bytes.variableInteger() else { return nil }
            if count == 0 { return entries }
            if count < 0 {
                // The size of the block follows, for those who pass over it.
                guard bytes.variableInteger() != nil, count > -maximumHeaderEntries else { return nil }
                count = -count
            }
            guard count <= maximumHeaderEntries else { return nil }
            for _ in 0..<count {
                guard let key = text(&bytes, atMost: room), let value = text(&bytes, atMost: room - key.count) else {
                    return nil
                }
                room -= key.count + value.count
                entries[ClientText(String(decoding: key, as: UTF8.self))] = value
            }
        }
    }

    private static func text(_ bytes: inout ByteCursor, atMost maximum: Int) -> [UInt8]? {
        guard let count = bytes.variableInteger(), (0...Int64(maximum)).contains(count) else { return nil }
        return bytes.take(Int(count))
    }

    /// The next row as a JSON object, or why it is refused; nil after the last, and where the file is damaged.
    mutating func next() -> Result<[UInt8], EventRejection>? {
        while rowsLeft == 0 {
            guard damage == nil, bytes.peek() != nil else { return nil }
            guard readBlock() else {
                ownDamage = Self.damaged
                return nil
            }
        }
        rowsLeft -= 1
        guard let row = block.row(of: columns), rowsLeft > 0 || block.isAtEnd else { return end(Self.damaged) }
        writtenBytes += block.rowBytes
        // A block of a few bytes may hold any number of rows, each of any number of values.
        guard writtenBytes <= maximumBytes else { return end(tooLarge) }
        return row
    }

    private mutating func end(_ damage: EventRejection) -> Result<[UInt8], EventRejection>? {
        ownDamage = damage
        rowsLeft = 0
        return nil
    }

    private mutating func readBlock() -> Bool {
        guard let count = bytes.variableInteger(), count >= 0,
            let content = Self.text(&bytes, atMost: Self.maximumBlockBytes),
            bytes.take(16) == syncMarker
        else { return false }
        guard
            let unpacked = isDeflated
                ? Deflate.unpack(content, maximumBytes: Self.maximumBlockBytes) : content
        else { return false }
        // A row of no bytes would be a row without end.
        guard count <= unpacked.count else { return false }
        block = AvroValues(unpacked)
        rowsLeft = count
        return true
    }

    private static let damaged = EventRejection(
        .malformed, field: "file", "The Avro file is damaged, cut off, or larger than can be read.")
    private var tooLarge: EventRejection {
        EventRejection(
            .malformed, field: "file", "The Avro file's rows are more than \(maximumBytes) bytes as JSON. Split it.")
    }
}

extension ByteCursor {
    /// Avro's `long`: seven bits a byte, the lowest first, zigzag; nil at the end, and past 64 bits.
    mutating func variableInteger() -> Int64? {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while shift < 64, let byte = next() {
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1) }
            shift += 7
        }
        return nil
    }
}
