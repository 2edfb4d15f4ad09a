import Foundation

/// A folder for one run of Chromium.
struct Profile: Sendable {
    let path: String
    /// What runs Chromium as the folder's owner.
    let command: [String]

    /// Says that the folder is in use for as long as it is locked. It stands beside the folder, which is not the server's own.
    private let lock: LockFile

    private static let prefix = "sextant-browser-"

    /// - Parameter folder: where it is made.
    init(in folder: URL = FileManager.default.temporaryDirectory) throws {
        Self.removeLeftovers(in: folder)
        path = folder.appendingPathComponent("\(Self.prefix)\(UUID().uuidString)").path
        guard let lock = LockFile(making: path + LockFile.suffix) else {
            throw BrowserError.failed("\(path)\(LockFile.suffix) could not be made")
        }
        self.lock = lock
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        guard geteuid() == 0, let nobody = getpwnam("nobody") else {
            command = []
            return
        }
        let (user, group) = (nobody.pointee.pw_uid, nobody.pointee.pw_gid)
        command = ["/usr/bin/setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"]
        guard chown(path, user, group) == 0 else {
            throw BrowserError.failed("\(path) could not be given to nobody")
        }
    }

    /// The end of what Chromium printed.
    var lastWords: String {
        let log = (try? String(decoding: Data(contentsOf: URL(fileURLWithPath: "\(path)/log")), as: UTF8.self)) ?? ""
        let lines = log.split(separator: "\n").suffix(3).joined(separator: " / ")
        return lines.isEmpty ? "it said nothing" : String(lines.suffix(600))
    }

    /// Removes the folders of servers that were killed: nobody locks them any more.
    private static func removeLeftovers(in folder: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let path = folder.appendingPathComponent(name).path
            if name.hasSuffix(LockFile.suffix) {
                guard let lock = LockFile(taking: path) else { continue }
                try? FileManager.default.removeItem(atPath: String(path.dropLast(LockFile.suffix.count)))
                lock.remove()
            } else if !FileManager.default.fileExists(atPath: path + LockFile.suffix) {
                // Earlier versions have locked nothing.
                try? FileManager.default.removeItem(atPath: path)
            }
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
        lock.remove()
    }
}
