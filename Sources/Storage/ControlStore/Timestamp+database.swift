public import GRDB
public import Time

/// Times are stored as integers: microseconds since the Unix epoch, UTC.
extension Timestamp: DatabaseValueConvertible {
    public var databaseValue: DatabaseValue { microseconds.databaseValue }

    public static func fromDatabaseValue(_ value: DatabaseValue) -> Timestamp? {
        Int64.fromDatabaseValue(value).map(Timestamp.init(microseconds:))
    }
}
