import Text

/// Reads comma-separated values (RFC 4180): quoted cells may hold commas, line breaks and doubled quotes. The first row
/// names the columns.
struct CSVReader: Sequence, IteratorProtocol {
    /// One row after the header.
    struct Row {
        /// The line it starts on, from 1.
        let line: Int
        let result: Result<[[UInt8]], EventRejection>
    }

    private(set) var columns: [String]
    private let bytes: [UInt8]
    private var position: Int
    private var line: Int

    /// More than any event has.
    private static let maximumColumns = 1_000
    private static let quote = UInt8(ascii: "\"")
    private static let comma = UInt8(ascii: ",")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Throws: `EventRejection` when there is no usable header.
    init(_ bytes: [UInt8]) throws(EventRejection) {
        self.bytes = bytes
        // Spreadsheets like to begin files with a byte order mark.
        position = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        line = 1
        columns = []
        guard case .success(let header)? = nextRow()?.result else {
            throw EventRejection(.malformed, field: "file", "The CSV file must begin with a row of column names.")
        }
        guard header.count <= Self.maximumColumns else {
            throw EventRejection(
                .malformed, field: "file", "The CSV file may have at most \(Self.maximumColumns) columns.")
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
        columns = names
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
        while position < bytes.count, bytes[position] == Self.newline || bytes[position] == Self.carriageReturn {
            if bytes[position] == Self.newline { line += 1 }
            position += 1
        }
        guard position < bytes.count else { return nil }
        let start = line
        var cells: [[UInt8]] = []
        while true {
            guard let cell = nextCell() else {
                position = bytes.count
                let rejection = EventRejection(
                    .malformed, field: "", "A quoted cell does not end before the file does.")
                return Row(line: start, result: .failure(rejection))
            }
            // Of a row that is too long anyhow, the rest is only passed over.
            if cells.count <= Self.maximumColumns { cells.append(cell) }
            guard position < bytes.count, bytes[position] == Self.comma else { break }
            position += 1
        }
        if position < bytes.count, bytes[position] == Self.carriageReturn { position += 1 }
        if position < bytes.count, bytes[position] == Self.newline {
            position += 1
            line += 1
        }
        return Row(line: start, result: .success(cells))
    }

    /// The cell at the position, which then stands on the comma, line break or end after it; nil when a quote is left open.
    private mutating func nextCell() -> [UInt8]? {
        guard position < bytes.count, bytes[position] == Self.quote else { return plainText() }
        position += 1
        var cell: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            if byte == Self.quote {
                guard position < bytes.count, bytes[position] == Self.quote else {
                    // What follows a closing quote up to the comma belongs to the cell, as spreadsheets read it.
                    return cell + plainText()
                }
                position += 1
            } else if byte == Self.newline {
                line += 1
            }
            cell.append(byte)
        }
        return nil
    }

    private mutating func plainText() -> [UInt8] {
        let start = position
        while position < bytes.count, bytes[position] != Self.comma, bytes[position] != Self.newline,
            bytes[position] != Self.carriageReturn
        {
            position += 1
        }
        return Array(bytes[start..<position])
    }
}
