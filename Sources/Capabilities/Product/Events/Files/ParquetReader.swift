/// Turns a Parquet file that a client sent into lines that ``UploadedRows`` reads, in a process that such a file cannot
/// harm the server from. Answered by the room that has such processes.
package protocol ParquetReader: Sendable {
    /// Reads the columns of a file that have these names, and writes a line of JSON for each row to another file, each
    /// column as a text. Nothing of that file is there when it throws.
    /// - Throws: ``UnreadableParquet`` when it is the file's fault; anything else is tried again.
    func readParquet(at path: String, columns: [String], into output: String, maximumBytes: Int) async throws
}

/// Why a file has no rows: text for its sender.
package struct UnreadableParquet: Error, Sendable {
    package let reason: String

    package init(reason: String) {
        self.reason = reason
    }
}
