/// The types of columns of the log, as SQL writes them.
package enum LogColumnType: String, Sendable {
    case integer = "INTEGER"
    case bigint = "BIGINT"
    case ubigint = "UBIGINT"
    case double = "DOUBLE"
    /// Microseconds since the epoch, UTC.
    case timestamp = "TIMESTAMP"
    case uuid = "UUID"
    case varchar = "VARCHAR"
    case json = "JSON"
    case varchars = "VARCHAR[]"
    case bigints = "BIGINT[]"
}
