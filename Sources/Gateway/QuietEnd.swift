import Logging

/// Leaves out what the HTTP core calls an error when it is only told to end: a start that is refused takes it down, and the
/// reason is logged by whoever refused.
struct QuietEnd: LogHandler {
    private var base: any LogHandler

    private static let noise = "Waiting on child channel: CancellationError()"

    init(_ base: any LogHandler) {
        self.base = base
    }

    var metadata: Logger.Metadata {
        get { base.metadata }
        set { base.metadata = newValue }
    }

    var logLevel: Logger.Level {
        get { base.logLevel }
        set { base.logLevel = newValue }
    }

    var metadataProvider: Logger.MetadataProvider? {
        get { base.metadataProvider }
        set { base.metadataProvider = newValue }
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { base[metadataKey: key] }
        set { base[metadataKey: key] = newValue }
    }

    func log(event: LogEvent) {
        guard event.message.description != Self.noise else { return }
        base.log(event: event)
    }
}
