import Text

/// Reads comma-separated values (RFC 4180): quoted cells may hold commas, line breaks and doubled quotes. The first row
/// names the columns. Where it has no comma but semicolons or tabs, as spreadsheets write them, those separate.
struct CSVReader: Sequence, IteratorProtocol {
    /// One row after the header.
    struct Row {
        /// The line it starts on, from 1.
        let line: Int
        let result: Result<[[UInt8]], EventRejection>
    }

    private(set) var columns: [String]
    private var bytes: ByteCursor
    private let separator: UInt8
    private var line: Int

    /// Why there are no more rows although the file is not at its end.
    var damage: EventRejection? { bytes.damage }

    /// More than any event has.
    private static let maximumColumns = 1_000
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let otherSeparators = [UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// - Throws: `EventRejection` when there is no usable header.
    init(_ source: UploadSource) throws(EventRejection) {
        try self.init(source, separator: UInt8(ascii: ","))
        guard columns.count == 1,
            let other = Self.otherSeparators.first(where: { columns[0].utf8.contains($0) })
        else { return }
        try self.init(source, separator: other)
    }

    private init(_ source: UploadSource, separator: UInt8) throws(EventRejection) {
        bytes = ByteCursor(source.pieces())
        self.separator = separator
        line = 1
        columns = []
        let first = nextRow()?.result
        if let damage { throw damage }
        guard case .success(let header)? = first else {
            throw EventRejection(.malformed, field: "file", "The CSV file must begin with a row of column names.")
        }
        columns = try Self.names(header)
    }

    private static func names(_ header: [[UInt8]]) throws(EventRejection) -> [String] {
        guard header.count <= maximumColumns else {
            throw EventRejection(
                .malformed, field: "file", "The CSV file may have at most \(maximumColumns) columns.")
        }
        var names: [String] = []
        var known: Set<ClientText> = []
        for cell in header {
            guard let name = String(validating: cell, as: UTF8.self), !name.isEmpty,
                known.insert(ClientText(name)).inserted
            else {
                throw EventRejection(
                    .malformed, field: "file", "The CSV file's first row must name every column once, in UTF-8.")
            }
            names.append(name)
        }
        return names
    }

    mutating func next() -> Row? {
        guard let row = nextRow() else { return nil }
        if case .success(let cells) = row.result, cells.count != columns.count {
            let rejection = EventRejection(
                .malformed, field: "", "The row has \(cells.count) cells; the header names \(columns.count) columns.")
            return Row(line: row.line, result: .failure(rejection))
        }
        return row
    }

    /// Skips blank lines; nil at the end.
    private mutating func nextRow() -> Row? {
        while let byte = bytes.peek(), byte == Self.newline || byte == Self.carriageReturn {
            if byte == Self.newline { line += 1 }
            bytes.advance()
        }
        guard bytes.peek() != nil else { return nil }
        let start = line
        var cells: [[UInt8]] = []
        while true {
            guard let cell = nextCell() else {
                bytes.end()
                let rejection = EventRejection(
                    .malformed, field: "",
                    "A quoted cell does not end before the file does, or is longer than \(UploadLines.maximumBytes) bytes."
                )
                return Row(line: start, result: .failure(rejection))
            }
            // Of a row that is too long anyhow, the rest is only passed over.
            if cells.count <= Self.maximumColumns { cells.append(cell) }
            guard bytes.peek() == separator else { break }
            bytes.advance()
        }
        if bytes.peek() == Self.carriageReturn { bytes.advance() }
        if bytes.peek() == Self.newline {
            bytes.advance()
            line += 1
        }
        return Row(line: start, result: .success(cells))
    }

    /// The cell at the position, which then stands on the separator, line break or end after it; nil when a quote is left
    /// open, or the cell is too long.
    private mutating func nextCell() -> [UInt8]? {
        guard bytes.peek() == Self.quote else { return plainText(after: []) }
        bytes.advance()
        var cell: [UInt8] = []
        while let byte = bytes.peek() {
            bytes.advance()
            if byte == Self.quote {
                // What follows a closing quote up to the separator belongs to the cell, as spreadsheets read it.
                guard bytes.peek() == Self.quote else { return plainText(after: cell) }
                bytes.advance()
            } else if byte == Self.newline {
                line += 1
            }
            cell.append(byte)
            guard cell.count <= UploadLines.maximumBytes else { return nil }
        }
        return nil
    }

    private mutating func plainText(after start: [UInt8]) -> [UInt8]? {
        var cell = start
        while let byte = bytes.peek(), byte != separator, byte != Self.newline, byte != Self.carriageReturn {
            cell.append(byte)
            guard cell.count <= UploadLines.maximumBytes else { return nil }
            bytes.advance()
        }
        return cell
    }
}
