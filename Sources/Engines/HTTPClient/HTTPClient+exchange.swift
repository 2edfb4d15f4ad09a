extension HTTPClient {
    /// A whole answer, within a time that nothing prolongs.
    /// - Parameters:
    ///   - limit: of the answer's body, in bytes.
    ///   - seconds: until all of it must be there.
    /// - Throws: ``HTTPClientError``, ``HTTPClientError/noAnswer(seconds:)`` when time is over; or `CancellationError`.
    public static func exchange(
        _ request: ClientRequest, upTo limit: Int, seconds: Int
    ) async throws -> (response: ClientResponse, body: [UInt8]) {
        try await withThrowingTaskGroup(of: (ClientResponse, [UInt8]).self) { group in
            defer { group.cancelAll() }
            group.addTask {
                let response = try await send(request)
                return (response, try await response.body.collect(upTo: limit))
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw HTTPClientError.noAnswer(seconds: seconds)
            }
            guard let first = try await group.next() else { throw CancellationError() }
            return first
        }
    }
}
