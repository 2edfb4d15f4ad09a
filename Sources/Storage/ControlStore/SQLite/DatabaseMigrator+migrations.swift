import GRDB

extension DatabaseMigrator {
    /// - Parameter migrations: oldest first.
    init(_ migrations: [Migration]) {
        self.init()
        for migration in migrations { registerMigration(migration.name) { try migration.run(Database($0)) } }
    }
}
