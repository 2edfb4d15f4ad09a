public import Gateway
public import Serving

extension UnservableProject: APIErrorConvertible {
    /// 503: other projects are served all the same.
    public var apiError: APIError { .unavailable(description, retryAfterSeconds: 60) }
}
