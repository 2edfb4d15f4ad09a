import NIOCore

/// Notices that a client is gone, or says that nothing more comes from it, while its request is being answered.
///
/// The answer itself would notice only once it is written. A client that closes its half of the connection and goes on
/// reading looks the same as one that is gone: HTTP clients do not do that.
final class HangUp: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    /// What is to be done then; one request of a connection is answered at a time.
    private var action: (@Sendable () -> Void)?
    private var isOver = false

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case ChannelEvent.inputClosed = event { end() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        end()
        context.fireChannelInactive()
    }

    private func end() {
        isOver = true
        action?()
        action = nil
    }

    private func set(_ action: (@Sendable () -> Void)?) {
        self.action = action
        if isOver { end() }
    }

    /// Runs a body, which is cancelled when the client of the connection hangs up.
    /// - Throws: what the body throws.
    static func cancelling<Result: Sendable>(
        _ channel: any Channel, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        let task = Task { try await body() }
        set({ task.cancel() }, for: channel)
        defer { set(nil, for: channel) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }

    /// Whether the client of the connection has hung up.
    static func isOver(_ channel: any Channel) async -> Bool {
        let found = try? await channel.eventLoop.submit {
            // A connection that is closed has no handlers any more.
            (try? channel.pipeline.syncOperations.handler(type: HangUp.self))?.isOver ?? true
        }.get()
        return found ?? true
    }

    private static func set(_ action: (@Sendable () -> Void)?, for channel: any Channel) {
        channel.eventLoop.execute {
            // A connection that is closed has no handlers any more.
            guard let handler = try? channel.pipeline.syncOperations.handler(type: HangUp.self) else {
                action?()
                return
            }
            handler.set(action)
        }
    }
}
