import BlobStore
import ControlStore
import EventStore
import Events
import Foundation
import HTTPTypes
import Identity
import JSON
import Jobs

extension APIError {
    /// The answer that an error of a lower room makes; nil for errors that are nobody's fault but ours.
    init?(answering error: any Error) {
        switch error {
        case let error as APIError: self = error
        case let error as any APIErrorConvertible: self = error.apiError
        case let rejection as EventRejection:
            self = APIError(
                .badRequest, rejection.message, fields: [Field(name: rejection.field, message: rejection.message)]
            ).telling(rejection.unknown)
        case let error as EventWriteError: self.init(error)
        case let error as ProjectionsBehind: self = .unavailable("\(error)", retryAfterSeconds: 5)
        case let error as EventStoreError: self = .unavailable("\(error)", retryAfterSeconds: 5)
        // Nobody waits for the answer any more.
        case is CancellationError: self = .unavailable("The request was given up.", retryAfterSeconds: 1)
        case let error as JobError where error.isPassing: self = .tooManyRequests("\(error)", retryAfterSeconds: 60)
        case let error as JobError: self.init(.conflict, "\(error)")
        // What a room says of a field is what surfaces say, where they have no answer of their own.
        case let error as any FieldError:
            self.init(
                .badRequest, error.description,
                fields: error.field.map { [Field(name: $0, message: error.message)] } ?? [])
        default: return nil
        }
    }

    /// The answer where a store or the disk does not do what it does at other times; nil for all other errors.
    init?(storeTrouble error: any Error) {
        let isTrouble =
            switch error {
            case let error as BlobStoreError: error.isTemporary
            case let error as CocoaError: [.fileWriteOutOfSpace, .fileWriteUnknown].contains(error.code)
            default: StoreTrouble.isCause(of: error)
            }
        guard isTrouble else { return nil }
        self = .unavailable(
            "The server cannot store or read anything right now: its disk may be full. Send the request again later.",
            retryAfterSeconds: 10)
    }

    private init(_ error: EventWriteError) {
        switch error {
        case .overloaded(let seconds): self = .tooManyRequests(error.message, retryAfterSeconds: seconds)
        case .failed: self = .unavailable(error.message, retryAfterSeconds: 5)
        case .stopped: self = .unavailable(error.message, retryAfterSeconds: 5)
        }
    }
}
