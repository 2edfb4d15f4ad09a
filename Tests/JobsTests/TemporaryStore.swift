import ControlStore
import Foundation
import GRDB
import Synchronization
import Time

/// A control store in a folder of its own with two environments, 1 and 2; gone when the test is over.
final class TemporaryStore: Sendable {
    let folder: URL
    let store: ControlStore

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "jobs-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try ControlStore(path: folder.appending(path: "control.sqlite").path())
        try store.database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (1, 1, 'p', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at)
                        VALUES (1, 1, 'NX-1', 'one', 0), (2, 1, 'NX-2', 'two', 0);
                    """)
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}

/// A clock that moves only when it is told to.
final class ManualClock: Sendable {
    private let time = Mutex(Timestamp(seconds: 1_750_000_000))

    var wallClock: WallClock { WallClock { self.now } }
    var now: Timestamp { time.withLock { $0 } }

    func advance(seconds: Int64) {
        time.withLock { $0 = $0.adding(seconds: seconds) }
    }
}

/// Waits until `condition` holds, ten seconds at most.
func eventually(_ condition: () async throws -> Bool) async throws -> Bool {
    for _ in 0..<1_000 {
        if try await condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return false
}
