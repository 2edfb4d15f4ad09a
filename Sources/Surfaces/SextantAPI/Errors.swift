public import Catalogue
public import Content
public import Gateway
import HTTPTypes
public import Identity
import JSON
public import People
public import Queries

// The answers that errors of the capabilities make.

extension SegmentError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .invalidTitle, .invalidDescription, .invalidRule: APIError(.badRequest, about: self)
        case .protected: APIError(.conflict, about: self)
        case .tooCostly: APIError(.unprocessableContent, about: self)
        }
    }
}

extension SegmentRuleError: APIErrorConvertible {
    public var apiError: APIError { APIError(.badRequest, about: self) }
}

extension ContentError: APIErrorConvertible {
    public var apiError: APIError { APIError(.badRequest, about: self) }
}

extension CatalogueError: APIErrorConvertible {
    public var apiError: APIError { APIError(.badRequest, about: self) }
}

extension IdentityError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notFound: APIError(.notFound, about: self)
        case .environmentNameTaken, .tooManyEnvironments, .alreadyInitialized, .lastKey, .lastOwner:
            APIError(.conflict, about: self)
        case .invalidEmail, .passwordLength, .invalidName: APIError(.badRequest, about: self)
        }
    }
}

extension QueryError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .refused, .invalid: .invalid("query", description)
        case .timedOut, .outOfMemory, .tooLarge, .engineFailed: APIError(.unprocessableContent, description)
        case .tooBusy(let seconds): .tooManyRequests(description, retryAfterSeconds: seconds)
        case .preparing(_, _, let seconds): .unavailable(description, retryAfterSeconds: seconds)
        case .unavailable: .unavailable(description, retryAfterSeconds: 5)
        }
    }
}

extension APIError {
    fileprivate init(_ status: HTTPResponse.Status, about error: some FieldError) {
        let fields = error.field.map { [Field(name: $0, message: error.message)] } ?? []
        self.init(status, error.description, fields: fields)
    }
}
