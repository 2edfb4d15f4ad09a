import Foundation

/// A new file that only its owner can read.
struct SecretFile {
    private let handle: FileHandle

    /// Makes the file, still empty.
    /// - Throws: where there is one, or none can be made.
    init(newAt path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw CommandError(
                "\(path) cannot be made: \(String(cString: strerror(errno))). Give the name of a new file, or remove it where an "
                    + "interrupted run has left it.")
        }
        handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// - Throws: where the disk does not take it.
    func write(_ data: Data) throws {
        try handle.write(contentsOf: data + Data("\n".utf8))
        try handle.synchronize()
    }
}
