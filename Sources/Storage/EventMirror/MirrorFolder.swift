import EventStore
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The folder of one environment's mirror of a table. What its manifest does not name is not part of it.
struct MirrorFolder: Sendable {
    let table: ShownTable
    let path: String

    private var manifestPath: String { "\(path)/manifest.json" }

    /// Whether there is anything.
    var exists: Bool { FileManager.default.fileExists(atPath: path) }

    /// What the folder holds. Files that belong to nothing, because the process ended between two steps, are removed.
    func load() -> MirrorContent {
        let bytes = FileManager.default.contents(atPath: manifestPath).map { Array($0) } ?? []
        let content = MirrorContent(manifest: bytes, of: table, in: path, size: Self.size) ?? MirrorContent()
        let known = Set(content.segments.map(\.file.path) + (content.segments.isEmpty ? [] : [manifestPath]))
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where !known.contains("\(path)/\(name)") {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        return content
    }

    /// Where a file is written before it has its name.
    func partPath(_ number: Int) -> String { "\(path)/\(MirrorContent.name(number)).part" }

    func make() throws {
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }

    /// Gives a written file its name, once it is on disk.
    /// - Returns: its path and size in bytes.
    func finish(_ number: Int) throws -> (path: String, byteCount: Int) {
        let final = "\(path)/\(MirrorContent.name(number))"
        try flush(partPath(number))
        guard rename(partPath(number), final) == 0, let size = Self.size(of: final) else {
            throw MirrorError.failed(reason: "\(final): \(String(cString: strerror(errno)))")
        }
        return (final, size)
    }

    /// Makes the files of a content the mirror's, all at once.
    func publish(_ content: MirrorContent) throws {
        let part = "\(manifestPath).part"
        try Data(content.manifest(of: table)).write(to: URL(filePath: part))
        try flush(part)
        guard rename(part, manifestPath) == 0 else {
            throw MirrorError.failed(reason: "\(manifestPath): \(String(cString: strerror(errno)))")
        }
        try flush(path)
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }

    private func flush(_ file: String) throws {
        let descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw MirrorError.failed(reason: "\(file): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw MirrorError.failed(reason: "\(file): \(String(cString: strerror(errno)))")
        }
    }

    private static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
}
