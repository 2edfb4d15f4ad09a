package import ControlStore
import Foundation
import Schema
package import TestSupport

/// A control store in a folder of its own with two environments, 1 and 2; gone with the folder's last reference.
package struct TemporaryStore: Sendable {
    package let folder: TemporaryFolder
    package let store: ControlStore

    package init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        try store.blockingWrite { database in
            try database.run(
                script: """
                    INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at) VALUES (1, 1, 'p', 'web', 0);
                    INSERT INTO environments (id, project_id, app_token, name, created_at)
                        VALUES (1, 1, 'NX-1', 'one', 1000000), (2, 1, 'NX-2', 'two', 1000000);
                    """)
        }
    }
}
