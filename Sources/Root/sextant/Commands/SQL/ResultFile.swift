import Foundation

/// The file that a result is written to: it has its name once it is complete.
struct ResultFile {
    private let path: String
    /// What is written to; the file itself where that is something to write to, such as a pipe.
    private let unfinished: String

    /// - Throws: ``CommandError`` for a path that cannot be written.
    init(_ path: String) throws {
        self.path = path
        var isFolder: ObjCBool = false
        let isThere = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard !isFolder.boolValue else { throw CommandError("--output: \(path) is a folder.", .badUse) }
        let type = try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType
        unfinished = isThere && type != .typeRegular ? path : "\(path).part"
    }

    /// Has the file written, and put in its place also when only rows are missing that were not asked for.
    /// - Throws: what the body throws; ``CommandError``.
    func write(_ body: (FileHandle) async throws -> Void) async throws {
        if unfinished != path { _ = FileManager.default.createFile(atPath: unfinished, contents: nil) }
        guard let handle = FileHandle(forWritingAtPath: unfinished) else {
            throw CommandError("--output: \(path) cannot be written.", .badUse)
        }
        defer { try? handle.close() }
        do {
            try await body(handle)
        } catch let error as CutResult {
            try finish()
            throw error
        } catch {
            if unfinished != path { try? FileManager.default.removeItem(atPath: unfinished) }
            throw error
        }
        try finish()
    }

    private func finish() throws {
        guard unfinished != path else { return }
        guard rename(unfinished, path) == 0 else {
            throw CommandError("--output: \(path) cannot be written: \(String(cString: strerror(errno))).")
        }
    }
}
