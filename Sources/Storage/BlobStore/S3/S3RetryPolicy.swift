/// How a failed request is repeated: exponential waits with full jitter, so that many clients do not return at once.
///
/// Source: AWS Architecture Blog, "Exponential Backoff And Jitter".
public struct S3RetryPolicy: Sendable, Hashable {
    /// Requests in all, the first included; at least 1.
    public var maximumAttempts = 5
    /// The longest wait after the first attempt, in milliseconds; it doubles with each further one.
    public var firstWaitMilliseconds = 200
    /// The longest wait at all, in milliseconds.
    public var longestWaitMilliseconds = 10_000

    /// Five attempts within a few seconds.
    public init() {}

    /// The longest wait after `attempt` attempts have failed.
    func longestWait(afterAttempt attempt: Int) -> Int {
        let doubled = firstWaitMilliseconds.multipliedReportingOverflow(by: 1 << min(max(attempt - 1, 0), 30))
        return doubled.overflow ? longestWaitMilliseconds : min(doubled.partialValue, longestWaitMilliseconds)
    }

    func wait(afterAttempt attempt: Int) async throws {
        try await Task.sleep(for: .milliseconds(Int.random(in: 0...max(longestWait(afterAttempt: attempt), 0))))
    }
}
