import ServingDocument
import Synchronization
import Time

/// The documents that few ask for, sets of experiences and previews, of all projects together: the oldest go when there are
/// too many. Whole documents are not among them.
final class RecentDocuments: Sendable {
    /// What a document was made of.
    struct Key: Hashable, Sendable {
        let projectID: Int64
        let revision: Int64
        let loadedAt: Timestamp
        let selection: ServingSelection
    }

    private struct State {
        var documents: [Key: LoadedProject.Made] = [:]
        /// Oldest first.
        var order: [Key] = []
        var bytes = 0
    }

    private let maximumCount: Int
    private let maximumBytes: Int
    private let state = Mutex(State())

    init(maximumCount: Int = 256, maximumBytes: Int = 64 * 1_048_576) {
        self.maximumCount = maximumCount
        self.maximumBytes = maximumBytes
    }

    subscript(key: Key) -> LoadedProject.Made? { state.withLock { $0.documents[key] } }

    /// Keeps a document, in place of the oldest where there is no room.
    func keep(_ made: LoadedProject.Made, _ key: Key) {
        state.withLock { state in
            guard state.documents[key] == nil else { return }
            state.documents[key] = made
            state.order.append(key)
            state.bytes += made.size
            while state.order.count > 1, state.order.count > maximumCount || state.bytes > maximumBytes {
                let oldest = state.order.removeFirst()
                state.bytes -= state.documents.removeValue(forKey: oldest)?.size ?? 0
            }
        }
    }
}

extension Result<ConfigDocument, ConfigDocument.Oversized> {
    /// Bytes that it holds.
    fileprivate var size: Int {
        switch self {
        case .success(let document): document.bytes.count + (document.gzip?.count ?? 0)
        case .failure: 0
        }
    }
}
