package import ControlStore
import Logging

/// One of many that could not be dealt with.
public struct BulkFailure: Sendable, Equatable {
    public let id: Int64
    public let message: String

    public init(id: Int64, message: String) {
        self.id = id
        self.message = message
    }
}

/// The same change to many things, a few in a transaction, so that others have their turn. Each stands for itself: what
/// fails spoils no other, and what is done stays done.
package struct BulkChange {
    private let store: ControlStore
    private static let logger = Logger(label: "sextant")

    /// How many are changed before others have their turn.
    private static let atOnce = 10

    package init(_ store: ControlStore) {
        self.store = store
    }

    /// Changes them in the order of the ids; one that is named twice is changed once.
    /// - Returns: those that failed. When the store stops taking anything amid them, all that were not changed.
    /// - Throws: trouble of the store before anything was changed.
    package func run(
        _ ids: [Int64], _ change: @escaping @Sendable (Int64, Database) throws -> Void
    ) async throws -> [BulkFailure] {
        var seen: Set<Int64> = []
        let ids = ids.filter { seen.insert($0).inserted }
        var failures: [BulkFailure] = []
        for start in stride(from: 0, to: ids.count, by: Self.atOnce) {
            let piece = ids[start..<min(start + Self.atOnce, ids.count)]
            do {
                failures += try await store.write { database in
                    try piece.compactMap { try Self.failure(of: $0, change, database) }
                }
            } catch {
                if start == 0 { throw error }
                Self.logger.error("a bulk change was cut off", metadata: ["reason": "\(error)"])
                return failures + ids[start...].map { BulkFailure(id: $0, message: Self.cutOff) }
            }
        }
        return failures
    }

    private static let cutOff = """
        Not changed: the server could not store it just then, its disk may be full. Send this one again later.
        """
    private static let failed = "Not changed: the server failed over it. Its log has the reason."

    /// Nil for one that is changed.
    private static func failure(
        of id: Int64, _ change: (Int64, Database) throws -> Void, _ database: Database
    ) throws -> BulkFailure? {
        do {
            try database.savepoint { try change(id, database) }
            return nil
        } catch let error as ExperimentsError {
            return BulkFailure(id: id, message: error.description)
        } catch {
            if StoreTrouble.isCause(of: error) { throw error }
            logger.error(
                "one of a bulk change could not be changed", metadata: ["id": "\(id)", "reason": "\(error)"])
            return BulkFailure(id: id, message: failed)
        }
    }
}
