public import ControlStore

/// Tells which experiences were visited, to those who look at them again then.
public final class TrafficWatch: Sendable {
    private let store: ControlStore
    private let watch: TableWatch

    public init(store: ControlStore) {
        self.store = store
        watch = TableWatch(store, tables: ["experience_traffic"])
    }

    /// Goes up whenever anything was counted.
    public var changes: Int { watch.count }

    /// Of every experience that was ever visited, by its id.
    public func traffic() async throws -> [Int64: (projectID: Int64, visitors: Int64, conversions: Int64)] {
        try await store.read { database in
            var traffic: [Int64: (projectID: Int64, visitors: Int64, conversions: Int64)] = [:]
            let rows = try database.cursor(
                sql: "SELECT experience_id, project_id, visitors, conversions FROM experience_traffic")
            while let row = try rows.next() {
                try traffic[row.read(at: 0)] = (row.read(at: 1), row.read(at: 2), row.read(at: 3))
            }
            return traffic
        }
    }
}
