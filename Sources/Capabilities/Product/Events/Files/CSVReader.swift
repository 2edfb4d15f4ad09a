import Text

/// Reads comma-separated values (RFC 4180): quoted cells may hold commas, line breaks and doubled quotes. The first row
/// names the columns. Where it has no comma but semicolons or tabs, as spreadsheets write them, those separate, and
/// where a line `sep=;` stands before it, whatever that says.
struct CSVReader: Sequence, IteratorProtocol {
    /// One row after the header.
    struct Row {
        /// The line it starts on, from 1.
        let line: Int
        let result: Result<[[UInt8]], EventRejection>
    }

    private(set) var columns: [String]
    /// Columns without a name that follow the others, as spreadsheets write them; nothing may be in them.
    private var emptyColumnCount = 0
    private var bytes: ByteCursor
    private let separator: UInt8
    private var line: Int
    private let maximumRowBytes: Int
    /// Of the row under way.
    private var rowBytes = 0

    /// Why there are no more rows although the file is not at its end.
    var damage: EventRejection? { bytes.damage }

    /// More than any event has.
    private static let maximumColumns = 1_000
    private static let quote = UInt8(ascii: "\"")
    private static let newline = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")
    private static let otherSeparators = [UInt8(ascii: ";"), UInt8(ascii: "\t")]

    /// - Parameter maximumRowBytes: of the cells of a row; a longer one is refused, and not held.
    /// - Throws: `EventRejection` when there is no usable header.
    init(_ source: UploadSource, maximumRowBytes: Int = UploadLines.maximumBytes) throws(EventRejection) {
        if let separator = Self.statedSeparator(of: source) {
            try self.init(source, separator, maximumRowBytes, passingOver: Self.separatorMark.count + 1)
            return
        }
        try self.init(source, UInt8(ascii: ","), maximumRowBytes)
        guard columns.count == 1,
            let other = Self.otherSeparators.first(where: { columns[0].utf8.contains($0) })
        else { return }
        try self.init(source, other, maximumRowBytes)
    }

    private static let separatorMark = Array("sep=".utf8)

    /// What a first line such as `sep=;` says, by which Excel goes.
    private static func statedSeparator(of source: UploadSource) -> UInt8? {
        let head = (source.pieces().next() ?? []).prefix(separatorMark.count + 2)
        guard head.starts(with: separatorMark), head.count == separatorMark.count + 2,
            let end = head.last, end == newline || end == carriageReturn
        else { return nil }
        let separator = head[separatorMark.count]
        return [quote, newline, carriageReturn].contains(separator) ? nil : separator
    }

    /// - Parameter count: bytes before the header that are no part of it.
    private init(
        _ source: UploadSource, _ separator: UInt8, _ maximumRowBytes: Int, passingOver count: Int = 0
    ) throws(EventRejection) {
        self.maximumRowBytes = maximumRowBytes
        bytes = ByteCursor(source.pieces())
        _ = bytes.take(count)
        self.separator = separator
        line = 1
        columns = []
        let first = nextRow()?.result
        if let damage { throw damage }
        guard case .success(let header)? = first else {
            throw EventRejection(.malformed, field: "file", "The CSV file must begin with a row of column names.")
        }
        let named = (header.lastIndex { !$0.isEmpty } ?? 0) + 1
        columns = try Self.names(header[..<named])
        emptyColumnCount = header.count - named
    }

    private static func names(_ header: ArraySlice<[UInt8]>) throws(EventRejection) -> [String] {
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
        guard case .success(let cells) = row.result, cells.count != columns.count else { return row }
        let others = cells.dropFirst(columns.count)
        if !others.isEmpty, others.count <= emptyColumnCount, others.allSatisfy(\.isEmpty) {
            return Row(line: row.line, result: .success(Array(cells[..<columns.count])))
        }
        let rejection = EventRejection(
            .malformed, field: "", "The row has \(cells.count) cells; the header names \(columns.count) columns.")
        return Row(line: row.line, result: .failure(rejection))
    }

    /// Skips blank lines; nil at the end.
    private mutating func nextRow() -> Row? {
        while let byte = bytes.peek(), byte == Self.newline || byte == Self.carriageReturn {
            if byte == Self.newline { line += 1 }
            bytes.advance()
        }
        guard bytes.peek() != nil else { return nil }
        let start = line
        rowBytes = 0
        var cells: [[UInt8]] = []
        while true {
            guard let cell = nextCell() else {
                let rejection = EventRejection(
                    .malformed, field: "", "A quoted cell does not end before the file does.")
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
        guard rowBytes <= maximumRowBytes else {
            let rejection = EventRejection(
                .tooLong, field: "", "The row is longer than \(maximumRowBytes) bytes.")
            return Row(line: start, result: .failure(rejection))
        }
        return Row(line: start, result: .success(cells))
    }

    /// The cell at the position, which then stands on the separator, line break or end after it; nil when a quote is left
    /// open.
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
            add(byte, to: &cell)
        }
        return nil
    }

    private mutating func plainText(after start: [UInt8]) -> [UInt8]? {
        var cell = start
        while let byte = bytes.peek(), byte != separator, byte != Self.newline, byte != Self.carriageReturn {
            add(byte, to: &cell)
            bytes.advance()
        }
        return cell
    }

    /// Of a row that is too long the rest is passed over.
    private mutating func add(_ byte: UInt8, to cell: inout [UInt8]) {
        rowBytes += 1
        if rowBytes <= maximumRowBytes { cell.append(byte) }
    }
}
