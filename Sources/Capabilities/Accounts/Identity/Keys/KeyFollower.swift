public import ControlStore
import Synchronization

/// Takes over what other processes change of keys while the server runs, as `sextant key` does.
public final class KeyFollower: Sendable {
    private let store: ControlStore
    private let keys: KeyRing
    private let sdkKeys: SDKKeyRing
    /// What ``ControlStore/foreignCommits()`` was when keys were last read; nil before.
    private let seen = Mutex<Int64?>(nil)

    public init(store: ControlStore, keys: KeyRing, sdkKeys: SDKKeyRing) {
        self.store = store
        self.keys = keys
        self.sdkKeys = sdkKeys
    }

    /// Reads all keys anew if anybody else has written to the store since this was called last.
    /// - Throws: trouble of the store; then the next call looks again.
    public func follow() async throws {
        let commits = try await store.foreignCommits()
        guard seen.withLock({ $0 }) != commits else { return }
        sdkKeys.forget()
        try await keys.reload()
        seen.withLock { $0 = commits }
    }
}
