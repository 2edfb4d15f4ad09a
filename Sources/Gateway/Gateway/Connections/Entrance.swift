public import Hummingbird
import Synchronization

/// What stands behind the socket from the first moment: one responder while the server opens its stores, another as soon
/// as they are open.
public final class Entrance: HTTPResponder {
    public typealias Context = GatewayContext

    private let responder: Mutex<GatewayResponder>

    public init(_ responder: GatewayResponder) {
        self.responder = Mutex(responder)
    }

    /// Has requests from now on answered by `responder`; those under way are finished by the one before.
    public func pass(to responder: GatewayResponder) {
        self.responder.withLock { $0 = responder }
    }

    public func respond(to request: Request, context: GatewayContext) async throws -> Response {
        try await responder.withLock { $0 }.respond(to: request, context: context)
    }
}
