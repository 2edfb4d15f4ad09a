/// Ends what takes too long.
enum TimeLimit {
    /// What the body returns; when time is over it is cancelled.
    /// - Throws: ``TextGenerationError/late(seconds:)``, or what the body throws.
    static func run<Result: Sendable>(
        seconds: Int, _ body: @escaping @Sendable () async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Result.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await body() }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw TextGenerationError.late(seconds: seconds)
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
