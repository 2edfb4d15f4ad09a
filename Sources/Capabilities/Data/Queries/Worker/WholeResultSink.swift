import Synchronization

/// Where the bytes of a whole result go as they come.
final class WholeResultSink: Sendable {
    private let add: @Sendable (_ bytes: [UInt8], _ isOver: () -> Bool) throws -> Void
    private let hasBegun = Atomic<Bool>(false)

    init(_ add: @escaping @Sendable (_ bytes: [UInt8], _ isOver: () -> Bool) throws -> Void) {
        self.add = add
    }

    /// Whether nothing has gone there yet: afterwards the query cannot be run once more.
    var isUntouched: Bool { !hasBegun.load(ordering: .relaxed) }

    /// - Throws: what ends the query.
    func take(_ bytes: [UInt8], unless isOver: () -> Bool) throws {
        hasBegun.store(true, ordering: .relaxed)
        try add(bytes, isOver)
    }
}
