import Foundation
import Synchronization

/// A file of a mirror. One that has been replaced stays until the last query that reads it has ended.
final class MirrorFile: Sendable {
    let path: String
    private let isRetired = Atomic<Bool>(false)

    init(path: String) {
        self.path = path
    }

    deinit {
        if isRetired.load(ordering: .acquiring) { try? FileManager.default.removeItem(atPath: path) }
    }

    /// Has the file removed with the last reference.
    func retire() {
        isRetired.store(true, ordering: .releasing)
    }
}

/// The events of one environment at one moment, in files that stay for as long as this does.
public struct MirrorSnapshot: Sendable {
    private let content: [MirrorFile]

    init(_ content: MirrorContent) {
        self.content = content.segments.map(\.file)
        rowCount = content.rowCount
    }

    /// Paths of Parquet files, in the order in which their events were stored; none when there are no events.
    public var files: [String] { content.map(\.path) }
    /// Events in all files together.
    public let rowCount: Int
}
