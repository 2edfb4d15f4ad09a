import Cryptography
import Foundation

/// Copies one file, which is on the disk when that is done.
struct FileCopy {
    let source: String
    let target: String
    /// Bytes from its beginning; nil for all there are.
    let limit: Int?

    private static let pieceBytes = 4 << 20

    init(from source: String, to target: String, upTo limit: Int? = nil) {
        self.source = source
        self.target = target
        self.limit = limit
    }

    /// - Throws: ``CommandError``, also where the source ends before the limit.
    func run() throws {
        guard let input = FileHandle(forReadingAtPath: source) else { throw failure(source) }
        defer { try? input.close() }
        let descriptor = open(target, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw failure(target) }
        let output = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
        var rest = limit ?? .max
        do {
            while rest > 0, let piece = try input.read(upToCount: min(Self.pieceBytes, rest)), !piece.isEmpty {
                try output.write(contentsOf: piece)
                rest -= piece.count
            }
            try output.synchronize()
        } catch {
            throw CommandError("\(source) cannot be copied to \(target): \(error.localizedDescription)")
        }
        if limit != nil, rest > 0 { throw CommandError("\(source) has become shorter while it was copied.") }
    }

    private func failure(_ path: String) -> CommandError {
        CommandError("\(path) cannot be opened: \(String(cString: strerror(errno))).")
    }

    /// The length and the SHA-256 sum of a file.
    static func sum(of path: String) throws -> (bytes: Int, sum: String) {
        guard let file = FileHandle(forReadingAtPath: path) else { throw CommandError("\(path) is missing.") }
        defer { try? file.close() }
        var (sum, bytes) = (SHA256(), 0)
        while let piece = try file.read(upToCount: pieceBytes), !piece.isEmpty {
            sum.update(piece)
            bytes += piece.count
        }
        return (bytes, sum.finish().hexadecimal)
    }
}
