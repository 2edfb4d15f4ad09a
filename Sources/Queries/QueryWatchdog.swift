import Dispatch
import DuckDB
import Foundation
import Synchronization

/// Stops a query that takes too long, too much memory or too much of the disk.
///
/// It looks again and again, on a thread of its own: the engine forgets an interruption that reaches it between two
/// statements, so that one alone might be lost.
final class QueryWatchdog: Sendable {
    /// Why the query was stopped.
    enum Reason: Sendable {
        case time
        case memory
        case size
    }

    private static let queue = DispatchQueue(label: "sextant.queries.watchdog", qos: .userInteractive)
    private static let interval = DispatchTimeInterval.milliseconds(20)

    private nonisolated(unsafe) let timer: any DispatchSourceTimer
    private let found: Mutex<Reason?>

    /// Begins to watch.
    ///
    /// - Parameters:
    ///   - connection: what is interrupted.
    ///   - seconds: how long it may take.
    ///   - memoryGrowth: bytes by which the process may grow.
    ///   - file: a file that the query writes, and how large it may become, in bytes.
    init(over connection: Connection, seconds: Int, memoryGrowth: Int, file: (path: String, limit: Int)? = nil) {
        let deadline = ContinuousClock.now + .seconds(seconds)
        let memoryLimit = (ProcessMemory.residentBytes ?? 0) + memoryGrowth
        let timer = DispatchSource.makeTimerSource(queue: Self.queue)
        self.timer = timer
        found = Mutex(nil)
        timer.schedule(deadline: .now() + Self.interval, repeating: Self.interval)
        timer.setEventHandler { [weak self] in
            guard let self else { return }
            let reason: Reason? =
                if ContinuousClock.now >= deadline {
                    .time
                } else if let resident = ProcessMemory.residentBytes, resident > memoryLimit {
                    .memory
                } else if let file, Self.size(of: file.path) > file.limit {
                    .size
                } else {
                    nil
                }
            guard let reason else { return }
            self.found.withLock { $0 = $0 ?? reason }
            connection.interrupt()
        }
        timer.resume()
    }

    deinit {
        timer.cancel()
    }

    /// Why the query was stopped; nil while it was not.
    var reason: Reason? { found.withLock { $0 } }

    /// Ends watching.
    func stop() {
        timer.cancel()
    }

    private static func size(of path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return (attributes?[.size] as? Int) ?? 0
    }
}

/// What the process holds of the machine's memory.
enum ProcessMemory {
    /// Bytes of resident memory; nil where the system does not tell.
    static var residentBytes: Int? {
        guard let file = fopen("/proc/self/statm", "r") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 128)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return nil }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
