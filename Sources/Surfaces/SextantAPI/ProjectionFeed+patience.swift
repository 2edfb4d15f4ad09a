import EventStore

extension ProjectionFeed {
    /// Lets what was stored before the server started take effect first: until then an answer would miss it.
    /// - Throws: ``ProjectionsBehind``, which is answered 503, when that takes longer than a call should.
    func recovered() async throws { try await recovered(within: .seconds(10)) }
}
