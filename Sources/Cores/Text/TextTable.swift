/// Rows as people read them on a terminal: columns under each other, numbers to the right; or, where there are more columns
/// than the terminal has room for, a line for each value.
///
/// ```swift
/// var table = TextTable([.init("event"), .init("n", isNumber: true)], width: 80)
/// print(table.add(["signup", "9"]), terminator: "")
/// print(table.finish(), terminator: "")
/// ```
///
/// How wide columns are the first ``measuredRows`` rows decide, which are kept until then; of the others none is kept, however
/// many there are. Nothing that a value holds drives the terminal, see ``VisibleText``.
public struct TextTable: Sendable {
    /// A column by what it is called.
    public struct Column: Sendable {
        let name: String
        let isNumber: Bool

        /// - Parameter isNumber: whether its values are to the right, and whole however long they are.
        public init(_ name: String, isNumber: Bool = false) {
            self.name = VisibleText.of(name)
            self.isNumber = isNumber
        }
    }

    /// Rows that the widths of columns are made of.
    public static let measuredRows = 1_000
    /// What a column has at most, and what each has where room is short, in characters.
    private static let (widest, narrowest) = (60, 8)

    private let columns: [Column]
    private let width: Int?
    private var waiting: [[String]] = []
    private var layout: Layout?
    private var count = 0

    private enum Layout {
        case table([Int])
        case records(names: Int)
    }

    /// - Parameters:
    ///   - columns: at least one.
    ///   - width: of the terminal, in characters; nil for as wide as it takes.
    public init(_ columns: [Column], width: Int?) {
        self.columns = columns
        self.width = width
    }

    /// Adds a row.
    /// - Parameter row: a value for each column; nil is shown as NULL, and a text that could be taken for that in quotes.
    /// - Returns: the lines that can be shown now.
    public mutating func add(_ row: [String?]) -> String {
        let cells = zip(columns, row).map { Self.cell($1, in: $0) }
        if let layout { return line(cells, layout) }
        waiting.append(cells)
        return waiting.count < Self.measuredRows ? "" : release()
    }

    /// Ends the table.
    /// - Returns: the lines that are left.
    public mutating func finish() -> String {
        let rest = layout == nil ? release() : ""
        return rest + "(\(count) \(count == 1 ? "row" : "rows"))\n"
    }

    private static func cell(_ value: String?, in column: Column) -> String {
        guard let value else { return "NULL" }
        guard !column.isNumber else { return VisibleText.of(value) }
        let shown = VisibleText.of(value)
        let isAmbiguous = shown.isEmpty || shown == "NULL" || shown.utf8.first == UInt8(ascii: "\"")
        return isAmbiguous ? "\"\(shown)\"" : shown
    }

    private mutating func release() -> String {
        let layout = measured()
        self.layout = layout
        let rows = waiting
        waiting = []
        return rows.reduce(into: head(layout)) { $0 += line($1, layout) }
    }

    private func measured() -> Layout {
        let natural = columns.indices.map { index in
            waiting.reduce(VisibleText.width(columns[index].name)) { max($0, VisibleText.width($1[index])) }
        }
        func widths(_ most: Int) -> [Int] {
            zip(columns, natural).map { $0.isNumber ? $1 : min($1, most) }
        }
        guard let width else { return .table(widths(Self.widest)) }
        for most in stride(from: Self.widest, through: Self.narrowest, by: -1) {
            let tried = widths(most)
            if tried.reduce(3 * (tried.count - 1), +) <= width { return .table(tried) }
        }
        return .records(names: columns.map { VisibleText.width($0.name) }.max() ?? 0)
    }

    private func head(_ layout: Layout) -> String {
        guard case .table(let widths) = layout else { return "" }
        let names = zip(columns, widths).map { Self.padded($0.name, to: $1, right: $0.isNumber) }
        let rule = widths.map { String(repeating: "-", count: $0) }.joined(separator: "-+-")
        return Self.trimmed(names.joined(separator: " | ")) + rule + "\n"
    }

    private mutating func line(_ cells: [String], _ layout: Layout) -> String {
        count += 1
        switch layout {
        case .table(let widths):
            let padded = columns.indices.map {
                Self.padded(cells[$0], to: widths[$0], right: columns[$0].isNumber)
            }
            return Self.trimmed(padded.joined(separator: " | "))
        case .records(let names):
            let most = max((width ?? .max) - names - 3, Self.narrowest)
            return zip(columns, cells).reduce(into: "-- row \(count)\n") { lines, next in
                let value = next.0.isNumber ? next.1 : VisibleText.shortened(next.1, to: most)
                lines += "\(Self.padded(next.0.name, to: names, right: false)) | \(value)\n"
            }
        }
    }

    private static func padded(_ text: String, to width: Int, right: Bool) -> String {
        let text = right ? text : VisibleText.shortened(text, to: width)
        let padding = String(repeating: " ", count: max(width - VisibleText.width(text), 0))
        return right ? padding + text : text + padding
    }

    private static func trimmed(_ line: String) -> String {
        var line = line[...]
        while line.utf8.last == UInt8(ascii: " ") { line.removeLast() }
        return line + "\n"
    }
}
