public import HTTPTypes

/// What a path and a method lead to.
public enum RouteMatch: Sendable {
    /// An operation, and the percent-decoded values of its path parameters in the order of the path.
    case matched(ContractOperation, parameters: [(name: String, value: String)])
    /// The path exists, but not for this method.
    case wrongMethod(allowed: [HTTPRequest.Method])
    case notFound
}
