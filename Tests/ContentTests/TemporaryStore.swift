import ControlStore
import Foundation
import GRDB

/// A control store in a folder of its own with two environments, 1 and 2; gone when the test is over.
final class TemporaryStore: Sendable {
    let folder: URL
    let store: ControlStore

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "content-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        store = try ControlStore(path: folder.appending(path: "control.sqlite").path())
        try store.database.write { database in
            try database.execute(
                sql: """
                    INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (1, 1, 'p', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at)
                        VALUES (1, 1, 'NX-1', 'one', 1000000), (2, 1, 'NX-2', 'two', 1000000);
                    """)
        }
    }

    deinit {
        try? FileManager.default.removeItem(at: folder)
    }
}
