public import ControlStore

/// Tells which experiences were visited, to those who look at them again then.
public final class TrafficWatch: Sendable {
    private let store: ControlStore
    private let watch: RowWatch

    public init(store: ControlStore) {
        self.store = store
        watch = RowWatch(store, table: "experience_traffic")
    }

    /// The experiences in which anything was counted since this was asked last; nil for all, as at first.
    public func takeCounted() -> Set<Int64>? {
        switch watch.take() {
        case .all: nil
        case .rows(let ids): ids
        }
    }

    /// Of experiences that were ever visited, by their ids.
    /// - Parameter ids: nil for all.
    public func traffic(
        of ids: Set<Int64>?
    ) async throws -> [Int64: (projectID: Int64, visitors: Int64, conversions: Int64)] {
        try await store.read { database in
            var traffic: [Int64: (projectID: Int64, visitors: Int64, conversions: Int64)] = [:]
            let rows =
                if let ids {
                    try database.cursor(
                        sql: "SELECT * FROM experience_traffic WHERE experience_id IN \(SQL.list("?"))",
                        arguments: [ListArgument(Array(ids))])
                } else {
                    try database.cursor(
                        sql: "SELECT experience_id, project_id, visitors, conversions FROM experience_traffic")
                }
            while let row = try rows.next() {
                try traffic[row.read("experience_id")] = (
                    row.read("project_id"), row.read("visitors"), row.read("conversions")
                )
            }
            return traffic
        }
    }
}
