/// A stored member of a row of the log, found by where it lies in the row: to go through the key path for every cell takes
/// longer than all else that is done with it.
struct RowMember<Row, Value>: Sendable {
    private let offset: Int

    init(_ path: KeyPath<Row, Value>) {
        guard let offset = MemoryLayout<Row>.offset(of: path) else {
            preconditionFailure("\(path) is not stored in the row itself")
        }
        self.offset = offset
    }

    @inline(__always)
    func value(of row: UnsafePointer<Row>) -> Value {
        (UnsafeRawPointer(row) + offset).assumingMemoryBound(to: Value.self).pointee
    }

    func set(_ value: Value, in row: inout Row) {
        withUnsafeMutablePointer(to: &row) { row in
            (UnsafeMutableRawPointer(row) + offset).assumingMemoryBound(to: Value.self).pointee = value
        }
    }
}
