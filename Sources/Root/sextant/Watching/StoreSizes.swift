import Foundation
import Telemetry

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// What each part of the data folder takes of the disk.
struct StoreSizes {
    let folder: DataFolder

    /// Goes through all files, so not while somebody waits.
    func measure() -> [MetricReading] {
        let parts: [(name: String, bytes: Int)] = [
            ("control", files(named: "control.sqlite")), ("events", files(named: "events.duckdb")),
            ("mirror", tree(folder.mirrorPath)), ("summaries", tree(folder.summariesPath)),
            ("blobs", tree(folder.blobsPath)), ("uploads", tree(folder.uploadsPath)),
            ("work", tree(folder.workPath)), ("lists", tree(folder.listsPath)), ("mail", tree(folder.mailPath)),
        ]
        return parts.filter { $0.bytes > 0 }.map {
            MetricReading("sextant_store_bytes", $0.bytes, labels: [("store", $0.name)])
        }
    }

    /// The disk that the folder is on; asks for two numbers only.
    func disk() -> [MetricReading] {
        var status = statvfs()
        guard statvfs(folder.path, &status) == 0 else { return [] }
        let blockBytes = Double(status.f_frsize)
        return [
            // What is kept for the system's owner is not for this process.
            MetricReading("sextant_disk_free_bytes", Double(status.f_bavail) * blockBytes),
            MetricReading("sextant_disk_size_bytes", Double(status.f_blocks) * blockBytes),
        ]
    }

    /// A store's file and what stands beside it.
    private func files(named name: String) -> Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasPrefix(name) }.reduce(0) { $0 + tree("\(folder.path)/\($1)") }
    }

    /// A file, or a folder with all in it. What goes meanwhile counts for nothing.
    private func tree(_ path: String) -> Int {
        var status = stat()
        guard lstat(path, &status) == 0 else { return 0 }
        // Blocks of 512 bytes, whatever the file system's own are (stat(2)).
        let own = Int(status.st_blocks) * 512
        guard status.st_mode & S_IFMT == S_IFDIR else { return own }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.reduce(own) { $0 + tree("\(path)/\($1)") }
    }
}
