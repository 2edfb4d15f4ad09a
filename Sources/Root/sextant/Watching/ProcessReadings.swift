import Foundation
import Telemetry

/// What the system knows of this process, under the names that Prometheus' own clients use.
enum ProcessReadings {
    static func all() -> [MetricReading] {
        var readings = memory + times
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            // One of them is the folder itself.
            readings.append(MetricReading("process_open_fds", files.count - 1))
        }
        readings.append(MetricReading("process_max_fds", OpenFiles.most))
        return readings
    }

    private static var memory: [MetricReading] {
        let pages = (text("/proc/self/statm") ?? "").split(separator: " ").prefix(2).compactMap { Double($0) }
        guard pages.count == 2 else { return [] }
        let pageBytes = Double(sysconf(Int32(_SC_PAGESIZE)))
        return [
            MetricReading("process_virtual_memory_bytes", pages[0] * pageBytes),
            MetricReading("process_resident_memory_bytes", pages[1] * pageBytes),
        ]
    }

    private static var times: [MetricReading] {
        // The name in parentheses may hold anything; what follows it is numbered from 3 (proc(5)).
        let fields = text("/proc/self/stat")?.split(separator: ")").last?.split(separator: " ") ?? []
        guard fields.count > 19, let user = Double(fields[11]), let system = Double(fields[12]),
            let threads = Double(fields[17]),
            let start = Double(fields[19]), let boot = bootTime
        else { return [] }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        return [
            MetricReading("process_cpu_seconds_total", (user + system) / ticks),
            MetricReading("process_threads", threads),
            MetricReading("process_start_time_seconds", boot + start / ticks),
        ]
    }

    /// In seconds since 1970.
    private static let bootTime: Double? = text("/proc/stat")?.split(separator: "\n")
        .first { $0.hasPrefix("btime ") }
        .flatMap { Double($0.dropFirst("btime ".count)) }

    /// These files say that they are empty, and are not.
    private static func text(_ path: String) -> String? {
        guard let file = FileHandle(forReadingAtPath: path) else { return nil }
        defer { try? file.close() }
        return (try? file.readToEnd()).map { String(decoding: $0, as: UTF8.self) }
    }
}
