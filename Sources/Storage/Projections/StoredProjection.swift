public import ControlStore
public import EventStore

/// A projection whose position is in the control store.
public protocol StoredProjection: EventProjection {
    /// What its position, and the events it has set aside, are stored under.
    static var kind: SetAsideKind { get }
    var store: ControlStore { get }
}

extension StoredProjection {
    public var kind: SetAsideKind { Self.kind }

    public var name: String { Self.kind.rawValue }

    public func position() async throws -> LogPosition? {
        try await store.read { try ProjectionPosition.read(Self.kind.rawValue, from: $0) }
            .flatMap { LogPosition(stored: $0) }
    }

    public func isStoreTrouble(_ error: any Error) -> Bool { StoreTrouble.isCause(of: error) }
}
