import Foundation

/// A file that one process has locked, until it ends in whatever way: its id would not say who it is, since in a container
/// every server has the same.
final class LockFile: Sendable {
    static let suffix = ".lock"

    private let path: String
    private let descriptor: Int32

    /// Makes a file and locks it; nil when it cannot, or is there already.
    convenience init?(making path: String) {
        self.init(path, O_CREAT | O_EXCL)
    }

    /// Locks a file that is there; nil when somebody else has locked it, or it is not ours.
    convenience init?(taking path: String) {
        self.init(path, 0)
    }

    private init?(_ path: String, _ flags: Int32) {
        self.path = path
        descriptor = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW | flags, 0o600)
        var status = stat()
        // Somebody who tidies up may have taken the one that was made just now, and removed it.
        guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0, fstat(descriptor, &status) == 0,
            status.st_nlink > 0
        else { return nil }
    }

    deinit {
        if descriptor >= 0 { close(descriptor) }
    }

    /// Removes the file; whoever looks for it finds nothing locked.
    func remove() {
        unlink(path)
    }
}
