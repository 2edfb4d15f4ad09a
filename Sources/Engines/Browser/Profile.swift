import Foundation

/// A folder for one run of Chromium.
struct Profile: Sendable {
    let path: String
    /// What runs Chromium as the folder's owner.
    let command: [String]

    init() throws {
        path =
            FileManager.default.temporaryDirectory.appendingPathComponent("sextant-browser-\(UUID().uuidString)").path
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

    func remove() {
        try? FileManager.default.removeItem(atPath: path)
    }
}
