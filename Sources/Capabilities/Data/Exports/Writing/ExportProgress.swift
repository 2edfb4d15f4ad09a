import EventStore
public import JSON

/// One finished file of an export.
public struct ExportFile: Sendable, Equatable {
    /// The Monday of its week and the format's extension, such as `2024-07-29.json.gz`.
    public let name: String
    public let rowCount: Int
    public let byteCount: Int
    /// 64 hexadecimal digits.
    public let sha256: String
}

/// How far an export has come. Stored after every file, so that a run after a crash goes on where the last one stopped.
struct ExportProgress: Equatable {
    /// The export holds what was committed up to there.
    let snapshot: LogPosition
    /// The same of experiment events, where it holds some among others.
    var experimentSnapshot: LogPosition?
    /// Firsts of months.
    var completedChunks: [String] = []
    var currentChunk: String?
    var files: [ExportFile] = []

    init(snapshot: LogPosition) {
        self.snapshot = snapshot
    }

    var json: JSONValue {
        [
            "snapshot": .string(snapshot.stored),
            "experiment_snapshot": experimentSnapshot.map { .string($0.stored) } ?? .null,
            "completed_chunks": .array(completedChunks.map { .string($0) }),
            "current_chunk": currentChunk.map { .string($0) } ?? .null,
            "files": .array(files.map(\.json)),
        ]
    }

    init?(json: JSONValue) {
        guard let snapshot = json["snapshot"]?.string.flatMap({ LogPosition(stored: $0) }) else { return nil }
        self.snapshot = snapshot
        experimentSnapshot = json["experiment_snapshot"]?.string.flatMap { LogPosition(stored: $0) }
        completedChunks = json["completed_chunks"]?.array?.compactMap(\.string) ?? []
        currentChunk = json["current_chunk"]?.string
        files = json["files"]?.array?.compactMap { ExportFile(json: $0) } ?? []
    }
}

extension ExportFile {
    public var json: JSONValue {
        [
            "filename": .string(name), "rows": .integer(Int64(rowCount)), "bytes": .integer(Int64(byteCount)),
            "sha256": .string(sha256),
        ]
    }

    init?(json: JSONValue) {
        guard let name = json["filename"]?.string, let rows = json["rows"]?.int64, let bytes = json["bytes"]?.int64,
            let sha256 = json["sha256"]?.string
        else { return nil }
        self.init(name: name, rowCount: Int(rows), byteCount: Int(bytes), sha256: sha256)
    }
}
