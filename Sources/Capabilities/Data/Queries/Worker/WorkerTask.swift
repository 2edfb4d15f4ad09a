import DuckDB

/// What a confined process is asked to do, once.
enum WorkerTask {
    case query(QueryOrder)
    case table(TableOrder)

    /// Nil when the frame asks for nothing.
    init?(_ frame: WorkerFrame) {
        switch frame.kind {
        case .order:
            guard let order = QueryOrder(frame.content) else { return nil }
            self = .query(order)
        case .table:
            guard let order = TableOrder(frame.content) else { return nil }
            self = .table(order)
        case .settings, .begun, .bytes, .done, .failed: return nil
        }
    }

    /// How long it may take.
    var seconds: Int {
        switch self {
        case .query(let order): order.seconds
        case .table(let order): order.seconds
        }
    }

    /// What one file may grow to that it writes.
    var fileBytes: Int {
        switch self {
        case .query(let order): order.spillBytes
        case .table: 0
        }
    }
}
