import EventStore
import Events
import HTTPTypes
import Jobs

@testable import Gateway

/// Errors of lower rooms, and the answers they make.
enum FailureWay: String, CaseIterable, Sendable {
    case api, rejection, overloaded, failed, stopped, job, convertible, unforeseen

    private struct Convertible: APIErrorConvertible {
        let apiError = APIError(.gone, "Pay first.")
    }

    struct Unforeseen: Error, CustomStringConvertible {
        let description = "the secret is in /etc/passwd"
    }

    var error: any Error {
        switch self {
        case .api: APIError.conflict("Twice.")
        case .rejection: EventRejection(.tooLong, field: "metadata.a", "metadata.a is too long.")
        case .overloaded: EventWriteError.overloaded(retryAfterSeconds: 3)
        case .failed: EventWriteError.failed(reason: "disk full.")
        case .stopped: EventWriteError.stopped
        case .job: JobError.alreadyRunning(jobID: "j-1")
        case .convertible: Convertible()
        case .unforeseen: Unforeseen()
        }
    }

    var status: Int {
        switch self {
        case .api, .job: 409
        case .rejection: 400
        case .overloaded: 429
        case .failed, .stopped: 503
        case .convertible: 410
        case .unforeseen: 500
        }
    }

    var retryAfter: String? {
        switch self {
        case .overloaded: "3"
        case .failed, .stopped: "5"
        default: nil
        }
    }
}
