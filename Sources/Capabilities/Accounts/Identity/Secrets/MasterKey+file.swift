#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

extension MasterKey {
    /// Reads the key file, or makes one with mode 0600 when there is none.
    ///
    /// A new key is written beside its place and then linked to it, so that a crash leaves either no key or a whole
    /// one, and two processes that start together end up with the same. Blocks; for the composition root.
    /// - Throws: ``MasterKeyError``.
    public static func load(orCreateAt path: String) throws(MasterKeyError) -> MasterKey {
        if access(path, F_OK) != 0 { try create(at: path) }
        return try load(from: path)
    }

    private static func load(from path: String) throws(MasterKeyError) -> MasterKey {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw .cannotRead(path: path, reason: lastError()) }
        defer { close(file) }
        var status = stat()
        guard fstat(file, &status) == 0 else { throw .cannotRead(path: path, reason: lastError()) }
        guard status.st_mode & 0o077 == 0 else { throw .exposed(path: path) }
        // One byte more than needed, to notice a longer file.
        var bytes = [UInt8](repeating: 0, count: byteCount + 1)
        let count = bytes.withUnsafeMutableBytes { read(file, $0.baseAddress, $0.count) }
        guard count >= 0 else { throw .cannotRead(path: path, reason: lastError()) }
        guard count == byteCount else { throw .wrongLength(path: path, bytes: Int(status.st_size)) }
        return MasterKey(bytes: Array(bytes.prefix(byteCount)))
    }

    private static func create(at path: String) throws(MasterKeyError) {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<byteCount).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let temporary = "\(path).\(getpid()).new"
        let file = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw .cannotCreate(path: path, reason: lastError()) }
        defer { unlink(temporary) }
        let isWritten =
            fchmod(file, 0o600) == 0 && bytes.withUnsafeBytes { write(file, $0.baseAddress, $0.count) } == byteCount
            && fsync(file) == 0
        let reason = lastError()
        close(file)
        guard isWritten else { throw .cannotCreate(path: path, reason: reason) }
        // Losing the race to another process is no error: its key is the one to load.
        guard link(temporary, path) == 0 || errno == EEXIST else {
            throw .cannotCreate(path: path, reason: lastError())
        }
        syncFolder(of: path)
    }

    private static func syncFolder(of path: String) {
        let end = path.lastIndex(of: "/")
        let folder = end.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard file >= 0 else { return }
        fsync(file)
        close(file)
    }

    private static func lastError() -> String {
        String(cString: strerror(errno))
    }
}
