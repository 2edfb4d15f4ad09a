public import EventStore
public import Events
public import JSON

/// Events as Gainsight PX's clients write them: users and accounts, whose fields become properties of their profiles, and
/// custom events.
///
/// Operations that name a user or account in the address put it into the body first.
public struct GainsightEvents: EventForm {
    public init() {}

    /// - Throws: `EventRejection`, with the batch as it was.
    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let countBefore = builder.count
        do throws(EventRejection) {
            guard object.kind == .object else {
                throw EventRejection(.wrongType, field: "", "The body must be an object, got \(object.kind.phrase).")
            }
            if case .fixed(.identifyUser) = call.typeRule {
                try ProfileEvent(call, .user, object).add(to: &builder)
            } else if case .fixed(.identifyCompany) = call.typeRule {
                try ProfileEvent(call, .account, object).add(to: &builder)
            } else {
                try CustomEvent(call, object).add(to: &builder)
            }
            let bringsID = object["eventId"].map { !$0.isNull && !$0.isString("") } ?? false
            if let derivedEventID, !bringsID { builder.set(.clientEventID, to: derivedEventID) }
            builder.finish(in: call.stream)
        } catch {
            builder.discard(downTo: countBefore)
            throw error
        }
        return builder.count - 1
    }

    public func address(in object: JSONNode) -> JSONNode? { object["remoteHost"] }
}
