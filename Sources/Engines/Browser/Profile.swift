import Foundation

/// A folder for one run of Chromium.
struct Profile: Sendable {
    let path: String
    /// What runs Chromium as the folder's owner.
    let command: [String]

    private static let prefix = "sextant-browser-"

    init() throws {
        let folder = FileManager.default.temporaryDirectory
        Self.removeLeftovers(in: folder)
        path = folder.appendingPathComponent("\(Self.prefix)\(getpid())-\(UUID().uuidString)").path
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

    /// Removes the folders of servers that were killed.
    private static func removeLeftovers(in folder: URL) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let process = name.dropFirst(prefix.count).prefix { $0 != "-" }
            guard let owner = pid_t(process), kill(owner, 0) != 0, errno == ESRCH else { continue }
            try? FileManager.default.removeItem(at: folder.appendingPathComponent(name))
        }
    }

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
