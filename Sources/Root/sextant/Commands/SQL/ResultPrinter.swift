import Foundation
import JSON
import Text

/// Writes a result as it comes: as it is, or as a table for people.
struct ResultPrinter {
    private let format: Query.Format
    private let output: FileHandle
    private let width: Int?
    private var parts = ResultParts()
    private var table: TextTable?

    /// - Parameter width: of the terminal, in characters; nil where the result goes elsewhere.
    init(format: Query.Format, output: FileHandle, width: Int?) {
        self.format = format
        self.output = output
        self.width = width
    }

    mutating func add(_ bytes: [UInt8]) throws {
        guard format == .table else { return try output.write(contentsOf: Data(bytes)) }
        var text = ""
        for part in try parts.add(bytes) {
            switch part {
            case .columns(let columns): table = TextTable(columns, width: width)
            case .row(let row): text += table?.add(row) ?? ""
            }
        }
        try write(text)
    }

    /// The result is complete.
    mutating func finish() throws {
        switch format {
        case .table: try write(table?.finish() ?? "")
        case .json: try write("\n")
        case .csv, .ndjson, .parquet: break
        }
    }

    /// It is not: what has come of it is shown.
    mutating func breakOff() throws {
        if format == .table { try finish() }
    }

    private func write(_ text: String) throws {
        if !text.isEmpty { try output.write(contentsOf: Data(text.utf8)) }
    }
}

/// The terminal that the command writes to.
enum Terminal {
    /// Its width in characters; 80 where it does not say.
    static var width: Int {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
        return Int(size.ws_col)
    }
}

/// Takes a result in JSON apart while it comes, so that none of it has to be kept: the columns, then row by row.
struct ResultParts {
    enum Part {
        case columns([TextTable.Column])
        case row([String?])
    }

    private var piece: [UInt8] = []
    private var isCollecting = false
    private var depth = 0
    /// How many arrays of the result have begun: the first is the columns, the second the rows.
    private var arrays = 0
    private var isInText = false
    private var isEscaped = false

    /// - Throws: `JSONError` for what is no result.
    mutating func add(_ bytes: [UInt8]) throws -> [Part] {
        var parts: [Part] = []
        for byte in bytes {
            if !isInText, byte == UInt8(ascii: "[") || byte == UInt8(ascii: "{") { open() }
            if isCollecting { piece.append(byte) }
            if isInText {
                let ends = byte == UInt8(ascii: "\"") && !isEscaped
                isEscaped = byte == UInt8(ascii: "\\") && !isEscaped
                if ends { isInText = false }
            } else if byte == UInt8(ascii: "\"") {
                isInText = true
            } else if byte == UInt8(ascii: "]") || byte == UInt8(ascii: "}") {
                if let part = try close() { parts.append(part) }
            }
        }
        return parts
    }

    private mutating func open() {
        depth += 1
        if depth == 2 { arrays += 1 }
        if depth == 2 && arrays == 1 || depth == 3 && arrays == 2 { isCollecting = true }
    }

    private mutating func close() throws -> Part? {
        defer { depth -= 1 }
        guard depth == 2 && arrays == 1 || depth == 3 && arrays == 2 else { return nil }
        let value = try JSONValue(parsing: piece)
        piece.removeAll(keepingCapacity: true)
        isCollecting = false
        let items = value.array ?? []
        if arrays > 1 { return .row(items.map(Self.text)) }
        return .columns(items.map { Self.column($0["name"]?.string ?? "", type: $0["type"]?.string ?? "") })
    }

    private static func text(_ value: JSONValue) -> String? {
        switch value {
        case .null: nil
        case .string(let text): text
        default: value.encodedString
        }
    }

    private static func column(_ name: String, type: String) -> TextTable.Column {
        let numbers = [
            "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT",
            "UHUGEINT", "BIGNUM", "FLOAT", "DOUBLE",
        ]
        let isDecimal = type.hasPrefix("DECIMAL(") && type.hasSuffix(")")
        return TextTable.Column(name, isNumber: numbers.contains(type) || isDecimal)
    }
}
