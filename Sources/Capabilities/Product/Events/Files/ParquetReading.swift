/// Turns a Parquet file that a client sent into lines that ``UploadedRows`` reads, in a process that such a file cannot
/// harm the server from. Supplied by the room that has such processes.
public struct ParquetReading: Sendable {
    /// Why a file has no rows: text for its sender.
    public struct Unreadable: Error, Sendable {
        public let reason: String

        public init(reason: String) {
            self.reason = reason
        }
    }

    /// Reads the columns of a file that have these names, and writes a line of JSON for each row to another file, each
    /// column as a text. Nothing of that file is there when it throws.
    /// - Throws: ``Unreadable`` when it is the file's fault; anything else is tried again.
    let read:
        @Sendable (_ path: String, _ columns: [String], _ output: String, _ maximumBytes: Int) async throws -> Void

    public init(
        read:
            @escaping @Sendable (
                _ path: String, _ columns: [String], _ output: String, _ maximumBytes: Int
            ) async throws -> Void
    ) {
        self.read = read
    }

    /// Refuses every file.
    public static let none = ParquetReading { _, _, _, _ in
        throw Unreadable(reason: "This server reads no Parquet files. Send NDJSON, CSV or Avro.")
    }
}
