import Foundation

/// A folder of one test's own, removed with its last reference.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        path = FileManager.default.temporaryDirectory.appending(path: "sextant-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// The path that a file or folder of this name has, whether it is there or not.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// A new file with `content`; returns its path.
    package func newFile(_ content: some Sequence<UInt8>) throws -> String {
        let path = file(UUID().uuidString)
        try Data(content).write(to: URL(filePath: path))
        return path
    }

    /// A new file with `text`; returns its path.
    package func newFile(text: String) throws -> String { try newFile(Array(text.utf8)) }

    /// A new file of `size` zero bytes, which takes neither disk nor memory; returns its path.
    package func newSparseFile(size: Int) throws -> String {
        let path = try newFile([])
        try FileHandle(forWritingTo: URL(filePath: path)).truncate(atOffset: UInt64(size))
        return path
    }
}
