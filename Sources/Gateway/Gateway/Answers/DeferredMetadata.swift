import Logging

/// Keeps a logger's metadata as it is until a line is written. Every request gets a logger with its id, and the usual
/// handler writes metadata out as text whenever it changes, though hardly a request logs anything.
struct DeferredMetadata: WrappingLogHandler {
    var base: any LogHandler
    var metadata: Logger.Metadata

    init(_ base: any LogHandler) {
        self.base = base
        metadata = base.metadata
        self.base.metadata = [:]
    }

    func log(event: LogEvent) {
        var event = event
        event.metadata = metadata.merging(event.metadata ?? [:]) { $1 }
        base.log(event: event)
    }
}
