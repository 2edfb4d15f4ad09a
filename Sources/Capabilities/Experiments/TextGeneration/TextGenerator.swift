public import HTTPClient

/// Has a language model write texts and code for variations, by any service that speaks OpenAI's chat completions.
///
/// Nothing is stored, neither what is asked nor what is answered nor a caller's own key.
public struct TextGenerator: Sendable {
    /// Where the operator has texts written.
    public struct Configuration: Sendable {
        /// Such as `https://api.openai.com/v1`: `/chat/completions` follows.
        public var service: ServiceAddress
        /// As the service names it.
        public var model: String
        /// Nil for a service that asks for none.
        public var key: String?
        /// Within which a whole answer must be there, and the next piece of one that comes in pieces.
        public var seconds: Int

        public init(service: ServiceAddress, model: String, key: String?, seconds: Int) {
            self.service = service
            self.model = model
            self.key = key
            self.seconds = seconds
        }
    }

    private let chat: ChatCompletions?
    private let places = GenerationPlaces()

    /// - Parameter configuration: nil where the operator has set up no service; everything is refused then.
    public init(_ configuration: Configuration?) {
        chat = configuration.map(ChatCompletions.init)
    }

    /// Other ways to say a text.
    /// - Parameter account: whose places it takes.
    /// - Returns: as many as are asked for.
    /// - Throws: ``TextGenerationError``, or `CancellationError`.
    public func variants(_ request: TextRequest, account: Int64) async throws -> [String] {
        let chat = try configured()
        let place = try places.take(account)
        defer { withExtendedLifetime(place) {} }
        return try await TimeLimit.run(seconds: chat.seconds) {
            var variants: [String] = []
            // Services that know no `n` write one at a time, and are told of those that are there.
            for _ in 0..<request.count where variants.count < request.count {
                let prompt = request.prompt(besides: variants)
                variants += try await chat.complete(
                    prompt, count: request.count - variants.count, ownKey: request.ownKey)
            }
            return Array(variants.prefix(request.count))
        }
    }

    /// The same code, improved, in one piece.
    /// - Throws: ``TextGenerationError``, or `CancellationError`.
    public func improve(code: String, account: Int64) async throws -> String {
        let chat = try configured()
        let place = try places.take(account)
        defer { withExtendedLifetime(place) {} }
        return try await TimeLimit.run(seconds: chat.seconds) {
            guard let improved = try await chat.complete(.improving(code), count: 1, ownKey: nil).first else {
                throw TextGenerationError.malformed("it holds no text")
            }
            return improved
        }
    }

    /// The same code, improved, as it is written. The first piece is there when it returns.
    /// - Throws: ``TextGenerationError``, or `CancellationError`.
    public func stream(code: String, account: Int64) async throws -> TextStream {
        let chat = try configured()
        let place = try places.take(account)
        let response = try await TimeLimit.run(seconds: chat.seconds) { try await chat.stream(.improving(code)) }
        let stream = TextStream(response, chat, place: place)
        try await stream.begin()
        return stream
    }

    private func configured() throws(TextGenerationError) -> ChatCompletions {
        guard let chat else { throw .notConfigured }
        return chat
    }
}
