public import HTTPTypes

/// An answer that is an error, in the domain's words; the surface's renderer gives it the vendor's form.
public struct APIError: Error, Sendable {
    /// One field that is wrong.
    public struct Field: Sendable, Equatable {
        /// Such as `users[3].user_id`, or a parameter's name; empty for the body as a whole.
        public let name: String
        public let message: String

        public init(name: String, message: String) {
            self.name = name
            self.message = message
        }
    }

    public var status: HTTPResponse.Status
    /// One sentence for a person: what is wrong and the way out.
    public var message: String
    public var fields: [Field]
    public var headers: HTTPFields
    /// Whether the request was understood but breaks its contract: surfaces differ in what they answer then.
    public var breaksContract = false

    public init(_ status: HTTPResponse.Status, _ message: String, fields: [Field] = [], headers: HTTPFields = [:]) {
        self.status = status
        self.message = message
        self.fields = fields
        self.headers = headers
    }

    /// 400, or what its surface answers to invalid input, about one field.
    public static func invalid(_ field: String, _ message: String) -> APIError {
        var error = APIError(.badRequest, message, fields: [Field(name: field, message: message)])
        error.breaksContract = true
        return error
    }

    public static func notFound(_ message: String) -> APIError {
        APIError(.notFound, message)
    }

    public static func conflict(_ message: String) -> APIError {
        APIError(.conflict, message)
    }

    /// 429: the same request may succeed after `seconds`.
    public static func tooManyRequests(_ message: String, retryAfterSeconds seconds: Int) -> APIError {
        APIError(.tooManyRequests, message, headers: [.retryAfter: "\(seconds)"])
    }

    /// 503: the same request may succeed after `seconds`.
    public static func unavailable(_ message: String, retryAfterSeconds seconds: Int) -> APIError {
        APIError(.serviceUnavailable, message, headers: [.retryAfter: "\(seconds)"])
    }
}

/// An error of a lower room that knows which answer it makes.
public protocol APIErrorConvertible: Error {
    var apiError: APIError { get }
}
