import Foundation
import Synchronization

/// Ends a Chromium that takes more memory or disk than a page may: the system would find somebody else to end.
final class ResourceWatch: Sendable {
    private let maximumMemoryBytes: Int
    private let maximumDiskBytes: Int
    private static let interval = Duration.milliseconds(250)

    private let found = Mutex<String?>(nil)

    init(memoryBytes: Int = 2 << 30, diskBytes: Int = 512 << 20) {
        maximumMemoryBytes = memoryBytes
        maximumDiskBytes = diskBytes
    }

    /// What was too much; nil as long as nothing is.
    var excess: String? { found.withLock { $0 } }

    /// Looks now and then until the task is cancelled, or something was too much.
    /// - Parameters:
    ///   - group: the group that Chromium's processes are in.
    ///   - profile: the folder that it writes to.
    func run(_ group: pid_t, profile: String) async {
        while !Task.isCancelled {
            if let excess = excess(group, profile) {
                found.withLock { $0 = excess }
                kill(-group, SIGKILL)
                return
            }
            try? await Task.sleep(for: Self.interval)
        }
    }

    private func excess(_ group: pid_t, _ profile: String) -> String? {
        if Self.memoryBytes(of: group) > maximumMemoryBytes {
            return "a page took more than \(maximumMemoryBytes >> 20) MB of memory"
        }
        if Self.diskBytes(of: profile) > maximumDiskBytes {
            return "a page stored more than \(maximumDiskBytes >> 20) MB"
        }
        return nil
    }

    /// What the processes of a group have in memory for themselves.
    private static func memoryBytes(of group: pid_t) -> Int {
        let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return processes.reduce(0) { sum, process in
            guard process.utf8.first.map({ (48...57).contains($0) }) ?? false,
                let state = text("/proc/\(process)/stat"), Self.group(state) == group,
                let pages = text("/proc/\(process)/statm")?.split(separator: " ").compactMap({ Int($0) }),
                pages.count > 2
            else { return sum }
            return sum + max(pages[1] - pages[2], 0) * Int(getpagesize())
        }
    }

    /// The third field after the name, which stands in parentheses and may hold anything (`proc(5)`).
    private static func group(_ state: String) -> pid_t? {
        guard let end = state.lastIndex(of: ")") else { return nil }
        let fields = state[end...].split(separator: " ")
        return fields.count > 3 ? pid_t(fields[3]) : nil
    }

    private static func text(_ path: String) -> String? {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) }
    }

    private static func diskBytes(of folder: String) -> Int {
        let files = FileManager.default.enumerator(
            at: URL(fileURLWithPath: folder), includingPropertiesForKeys: [.totalFileAllocatedSizeKey])
        var sum = 0
        while let file = files?.nextObject() as? URL {
            sum += (try? file.resourceValues(forKeys: [.totalFileAllocatedSizeKey]))?.totalFileAllocatedSize ?? 0
        }
        return sum
    }
}
