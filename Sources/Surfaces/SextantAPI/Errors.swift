public import Catalogue
public import Content
public import Gateway
import HTTPTypes
public import Identity
public import People
public import Queries

// The answers that errors of the capabilities make.

extension SegmentError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .invalidTitle, .invalidDescription: .naming(description)
        case .invalidRule(let error): error.apiError
        case .protected: .conflict("\(self)")
        case .tooCostly: .naming(description, status: .unprocessableContent)
        }
    }
}

extension SegmentRuleError: APIErrorConvertible {
    public var apiError: APIError {
        APIError(.badRequest, description, fields: [APIError.Field(name: path, message: message)])
    }
}

extension ContentError: APIErrorConvertible {
    public var apiError: APIError { .naming(description) }
}

extension CatalogueError: APIErrorConvertible {
    public var apiError: APIError { .naming(description) }
}

extension IdentityError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notFound: .notFound("\(self)")
        case .environmentNameTaken, .alreadyInitialized: .naming(description, status: .conflict)
        case .lastKey: .conflict(description)
        case .invalidEmail, .passwordLength, .invalidName: .naming(description)
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
    /// An error whose description opens with the field it is about, as in `title: give between 1 and 255 characters`.
    fileprivate static func naming(_ description: String, status: HTTPResponse.Status = .badRequest) -> APIError {
        guard let colon = description.firstRange(of: ": ") else { return APIError(status, description) }
        let field = Field(
            name: String(description[..<colon.lowerBound]), message: String(description[colon.upperBound...]))
        return APIError(status, description, fields: [field])
    }
}
