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
        let index: Int
        do throws(EventRejection) {
            index = try form.decode(object, call, derivedEventID: derivedEventID, into: &builder)
        } catch {
            // Whatever else is wrong with it: nothing is kept of what comes of them, not even to show the fault.
            throw namesDenied(object, call) ? Self.rejection : error
        }
        // What an event implies may be of its user where the event itself is of nobody: a group brings a user into an account.
        let isDenied = (countBefore..<builder.count).contains { row in
            builder.withUTF8(of: .userID, at: row) { user in
                user.map { denied.isDenied($0, environmentID: call.stream.environmentID) } ?? false
            }
        }
        guard !isDenied else {
            builder.discard(downTo: countBefore)
            throw Self.rejection
        }
        return index
    }

    private static let rejection = EventRejection(
        .denied, field: "", "The user is on the denylist: their events are not taken.")

    /// The members that name a user, in any form.
    private static let names: [StaticString] = ["user_id", "identifyId", "userId", "anonymousId"]

    /// Whether an event that could not be read is of somebody who is denied.
    private func namesDenied(_ object: JSONNode, _ call: EventCall) -> Bool {
        object.members.contains { member in
            Self.names.contains { member.value.hasKey($0) }
                && member.value.withUTF8 { denied.isDenied($0, environmentID: call.stream.environmentID) }
        }
    }
}
