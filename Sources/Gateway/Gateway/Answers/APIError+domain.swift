import EventStore
import Events
import HTTPTypes
import Identity
import Jobs

extension APIError {
    /// The answer that an error of a lower room makes; nil for errors that are nobody's fault but ours.
    init?(answering error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as any APIErrorConvertible: self = error.apiError
        case let rejection as EventRejection:
            self.init(
                .badRequest, rejection.message, fields: [Field(name: rejection.field, message: rejection.message)])
        case let error as EventWriteError: self.init(error)
        case let error as ProjectionsBehind: self = .unavailable("\(error)", retryAfterSeconds: 5)
        case let error as EventStoreError: self = .unavailable("\(error)", retryAfterSeconds: 5)
        case let error as JobError: self.init(.conflict, "\(error)")
        default: return nil
        }
    }

    private init(_ error: EventWriteError) {
        switch error {
        case .overloaded(let seconds): self = .tooManyRequests(error.message, retryAfterSeconds: seconds)
        case .failed: self = .unavailable(error.message, retryAfterSeconds: 5)
        case .stopped: self = .unavailable(error.message, retryAfterSeconds: 5)
        }
    }
}
