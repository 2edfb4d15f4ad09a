public import EventStore
public import Events
public import JSON
import Text

/// Events as Userpilot's clients write them: with the names of an exported row, so that an exported row can be sent back.
/// Batches of this server's own interface and imported files are written alike.
public struct UserpilotEvents: EventForm {
    public init() {}

    /// - Throws: `EventRejection`, with the batch as it was.
    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        try EventDecoder(call).decode(object, derivedEventID: derivedEventID, into: &builder)
    }

    public func unknownMembers(of object: JSONNode) -> [JSONNode] { EventKey.unknownMembers(of: object) }

    public func suggestion(for name: String) -> String? { EventKey.suggestions.suggestion(for: name) }
}
