import Logging

/// Leaves out what the HTTP core calls an error when it is only told to end: a start that is refused takes it down, and the
/// reason is logged by whoever refused.
struct QuietEnd: WrappingLogHandler {
    var base: any LogHandler

    private static let noise = "Waiting on child channel: CancellationError()"

    init(_ base: any LogHandler) {
        self.base = base
    }

    func log(event: LogEvent) {
        guard event.message.description != Self.noise else { return }
        base.log(event: event)
    }
}
