public import Gateway
public import Serving

extension UnservableProject: APIErrorConvertible {
    /// 503: other projects are served all the same.
    public var apiError: APIError { .unavailable(description, retryAfterSeconds: 60) }
}

extension TooManyConfigs: APIErrorConvertible {
    /// 429: whole configs are served all the same.
    public var apiError: APIError { .tooManyRequests(description, retryAfterSeconds: 2) }
}
