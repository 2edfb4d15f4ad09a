/// What an operation may ask of the gateway beyond its contract.
public struct OperationLimits: Sendable {
    /// How far the gateway checks a body before the handler gets it.
    public enum BodyCheck: Sendable {
        /// JSON that satisfies the contract.
        case contract
        /// JSON; for bodies whose contract is narrower than what must be accepted.
        case syntax
        /// Nothing: operations that answer for each of many rows say themselves which row is wrong.
        case none
    }

    /// The largest body, unpacked, in bytes.
    public var bodyBytes: Int
    public var bodyCheck: BodyCheck
    /// Whether the handler's task is cancelled when the client hangs up: for work that takes long and changes nothing.
    public var endsWithCaller: Bool
    /// Whether a body is read as what it is, whatever its type says: browsers send what pages give them under types of
    /// their own.
    public var recognizesBody: Bool
    /// Whether the client is told of members of its body that the contract does not name. Operations that know more than
    /// their contract tell it themselves.
    public var tellsUnknownNames: Bool
    /// Whether the handler has what it makes count to the request's memory (`OperationRequest.reserve(_:)`).
    public var reservesMemory: Bool

    public init(
        bodyBytes: Int = 10 * 1_024 * 1_024, bodyCheck: BodyCheck = .contract, endsWithCaller: Bool = false,
        recognizesBody: Bool = false, tellsUnknownNames: Bool = true, reservesMemory: Bool = false
    ) {
        self.bodyBytes = bodyBytes
        self.bodyCheck = bodyCheck
        self.endsWithCaller = endsWithCaller
        self.recognizesBody = recognizesBody
        self.tellsUnknownNames = tellsUnknownNames
        self.reservesMemory = reservesMemory
    }

    /// Ten megabytes of JSON that satisfies the contract.
    public static let standard = OperationLimits()

    /// The same for calls that take events, from wherever.
    public static let events = OperationLimits(recognizesBody: true, tellsUnknownNames: false)
}
