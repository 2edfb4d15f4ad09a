public import EventStore
public import JSON

/// Knows whose events are refused.
public protocol DeniedUsers: Sendable {
    func isDenied(_ userID: UnsafeBufferPointer<UInt8>, environmentID: Int64) -> Bool
}

/// A form whose events are taken unless their user is denied.
public struct GuardedForm: EventForm {
    private let form: any EventForm
    private let denied: any DeniedUsers

    public init(_ form: any EventForm, denied: any DeniedUsers) {
        self.form = form
        self.denied = denied
    }

    public func unknownMembers(of object: JSONNode) -> [JSONNode] { form.unknownMembers(of: object) }

    public func suggestion(for name: String) -> String? { form.suggestion(for: name) }

    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let countBefore = builder.count
        let index = try form.decode(object, call, derivedEventID: derivedEventID, into: &builder)
        // What an event implies may be of its user where the event itself is of nobody: a group brings a user into an account.
        let isDenied = (countBefore..<builder.count).contains { row in
            builder.withUTF8(of: .userID, at: row) { user in
                user.map { denied.isDenied($0, environmentID: call.stream.environmentID) } ?? false
            }
        }
        guard !isDenied else {
            builder.discard(downTo: countBefore)
            throw EventRejection(.denied, field: "", "The user is on the denylist: their events are not taken.")
        }
        return index
    }
}
