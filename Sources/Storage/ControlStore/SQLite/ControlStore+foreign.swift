import GRDB

extension ControlStore {
    /// A number that changes whenever another process has committed something, and at no commit of this one.
    ///
    /// What is watched by ``TableWatch`` and ``RowWatch`` is what this process does; who must follow others asks this from time
    /// to time. It costs no more than a look at the head of the file's log.
    /// - Throws: ``StoreError``.
    package func foreignCommits() async throws -> Int64 {
        // SQLite leaves out the commits of the connection that asks, and only one of this process writes.
        try await file.writeOutsideTransaction { try Int64.fetchOne($0, sql: "PRAGMA data_version") ?? 0 }
    }
}
