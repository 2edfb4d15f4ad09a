import Foundation

/// A folder of its own for one test, removed with it.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        path = "\(NSTemporaryDirectory())/sextant-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// A file with `content`; returns its path.
    func file(_ name: String = UUID().uuidString, _ content: some Sequence<UInt8>) throws -> String {
        let file = "\(path)/\(name)"
        try Data(content).write(to: URL(fileURLWithPath: file))
        return file
    }

    func file(_ name: String = UUID().uuidString, text: String) throws -> String {
        try file(name, Array(text.utf8))
    }

    func emptyFile(_ name: String) throws -> String { try file(name, []) }
}
