/// Tries what is set aside once more.
public struct SetAsideService: Sendable {
    /// Digests one thing after all, and takes it from what is set aside in the same transaction.
    /// - Throws: why that still cannot be.
    public typealias Retry = @Sendable (SetAsideItem) async throws -> Void

    /// What came of another attempt.
    public enum Outcome: Sendable, Equatable {
        /// It is no longer set aside.
        case digested
        /// It still is, for this reason.
        case failed(reason: String)
    }

    public let store: SetAsideStore
    private let retries: [SetAsideKind: Retry]
    private let turns = RetryTurns()

    /// - Parameter retries: one for each kind.
    public init(store: SetAsideStore, retries: [SetAsideKind: Retry]) {
        self.store = store
        self.retries = retries
    }

    /// Tries one thing once more. Who tries it at the same time waits, and finds what became of it.
    /// - Returns: nil when there is none, or when it is somebody else's.
    /// - Throws: what the store throws while it is in trouble: that says nothing about the thing.
    public func retry(_ id: Int64, of owner: SetAsideStore.Owner) async throws -> Outcome? {
        try await turns.run(id) { try await retryAlone(id, of: owner) }
    }

    private func retryAlone(_ id: Int64, of owner: SetAsideStore.Owner) async throws -> Outcome? {
        guard let item = try await store.find(id, of: owner) else { return nil }
        guard let retry = retries[item.entry.kind] else { return .failed(reason: "This kind cannot be tried again.") }
        do {
            try await retry(item)
            return .digested
        } catch {
            if StoreTrouble.isCause(of: error) { throw error }
            try await store.note(failure: "\(error)", of: id)
            return .failed(reason: SetAside.text("\(error)"))
        }
    }
}
