import Foundation
import Logging

/// What was cut off the log or given up, and lies beside it: it holds events of people who may have been deleted since.
extension EventLogFiles {
    /// Seconds that what was cut off is kept for an operator who wants to look at it.
    static let cutLifetimeSeconds: Double = 7 * 86_400

    static let cutSuffix = ".cut-"
    static let lostSuffix = ".lost-"

    /// Paths of all of it, in the order of their names.
    func putAside() -> [String] {
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        let log = URL(fileURLWithPath: path).lastPathComponent
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted()
            .filter { name in
                name.hasPrefix(log) && (name.contains(Self.cutSuffix) || name.contains(Self.lostSuffix))
            }
            .map { "\(folder)/\($0)" }
    }

    /// Removes what was cut off.
    /// - Parameter seconds: only what has been there for so long.
    func removeCut(olderThanSeconds seconds: Double = 0) {
        for path in putAside() where path.contains("\(Self.cutSuffix)") && Self.age(of: path) >= seconds {
            do {
                try FileManager.default.removeItem(atPath: path)
                logger.notice("what was cut off the write-ahead log is removed", metadata: ["file": "\(path)"])
            } catch {
                logger.warning(
                    "what was cut off the write-ahead log cannot be removed",
                    metadata: ["file": "\(path)", "reason": "\(error.localizedDescription)"])
            }
        }
    }

    /// Tells the operator of what only they may remove.
    func tellPutAside() {
        let files = putAside()
        guard !files.isEmpty else { return }
        logger.warning(
            "files that were put aside hold events, also of people who have been deleted since; remove what you need no more",
            metadata: ["files": "\(files.joined(separator: ", "))"])
    }

    private static func age(of path: String) -> Double {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        guard let changed = attributes?[.modificationDate] as? Date else { return 0 }
        return -changed.timeIntervalSinceNow
    }
}
