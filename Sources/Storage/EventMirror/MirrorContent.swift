import EventStore
import JSON

/// What a mirror holds: files that follow each other along the log, and the name of the next one.
struct MirrorContent: Sendable {
    /// One file: the environment's events after the segment before, up to `end`.
    struct Segment: Sendable {
        let file: MirrorFile
        let end: LogPosition
        let rowCount: Int
        let byteCount: Int
        let digest: FileDigest
    }

    var segments: [Segment] = []
    var nextNumber = 1

    var rowCount: Int { segments.reduce(0) { $0 + $1.rowCount } }

    /// Up to where the mirror holds events.
    var end: LogPosition { segments.last?.end ?? .start }

    /// The position after which a segment begins.
    func start(of index: Int) -> LogPosition {
        index > 0 ? segments[index - 1].end : .start
    }
}

extension MirrorContent {
    /// What the files are made of; a mirror of other columns, or of another form, is made anew.
    private static func form(of table: ShownTable) -> String {
        "2: " + table.columns.map { "\($0.name) \($0.type)" }.joined(separator: ", ")
    }

    /// The manifest beside the files.
    func manifest(of table: ShownTable) -> [UInt8] {
        let value: JSONValue = [
            "form": .string(Self.form(of: table)), "next_number": .integer(Int64(nextNumber)),
            "rows": .integer(Int64(rowCount)),
            "files": .array(
                segments.map { segment in
                    [
                        "name": .string(String(segment.file.path.split(separator: "/").last ?? "")),
                        "last_event_id": .string(segment.end.stored), "rows": .integer(Int64(segment.rowCount)),
                        "bytes": .integer(Int64(segment.byteCount)), "xxh64": .string(segment.digest.text),
                    ]
                }),
        ]
        return value.encoded()
    }

    /// More of anything is damage; sums of it stay far from the end of the numbers.
    private static let mostOfAnything: Int64 = 1 << 40

    /// Reads a manifest.
    /// - Parameters:
    ///   - table: whose it is to be.
    ///   - folder: where the files lie.
    ///   - size: bytes of a file, nil when it is missing.
    /// - Returns: nil when it is not of this form, or a file is not as it says.
    init?(manifest bytes: [UInt8], of table: ShownTable, in folder: String, size: (_ path: String) -> Int?) {
        guard let value = try? JSONValue(parsing: bytes), value["form"]?.string == Self.form(of: table),
            let number = value["next_number"]?.int64,
            (0...Self.mostOfAnything).contains(number), let files = value["files"]?.array
        else { return nil }
        nextNumber = Int(number)
        for file in files {
            guard let name = file["name"]?.string, let number = Self.number(of: name),
                let end = file["last_event_id"]?.string.flatMap({ LogPosition(stored: $0) }),
                let rowCount = file["rows"]?.int64, (1...Self.mostOfAnything).contains(rowCount),
                let byteCount = file["bytes"]?.int64,
                let digest = file["xxh64"]?.string.flatMap(FileDigest.init(text:)),
                end > self.end, size("\(folder)/\(name)") == Int(byteCount)
            else { return nil }
            // No file that is there is written over, whatever the manifest says.
            nextNumber = max(nextNumber, number + 1)
            segments.append(
                Segment(
                    file: MirrorFile(path: "\(folder)/\(name)"), end: end, rowCount: Int(rowCount),
                    byteCount: Int(byteCount), digest: digest))
        }
    }

    /// The name of a file by its number.
    static func name(_ number: Int) -> String {
        let digits = String(number)
        return "events-" + String(repeating: "0", count: max(8 - digits.utf8.count, 0)) + digits + ".parquet"
    }

    /// The number of a file by its name; nil for any other name.
    private static func number(of name: String) -> Int? {
        guard let number = Int(name.dropFirst("events-".count).dropLast(".parquet".count)),
            (0...mostOfAnything).contains(Int64(number)), Self.name(number) == name
        else { return nil }
        return number
    }
}
