import HTTPClient
import JSON
import NIOCore

/// A text that is being written, piece by piece. One reader; whoever lets go of it ends the writing.
public actor TextStream {
    /// All pieces together, in seconds.
    private static let mostSeconds = 600

    private let response: ClientResponse
    private let chat: ChatCompletions
    private let place: GenerationPlace
    private let end = ContinuousClock.now.advanced(by: .seconds(TextStream.mostSeconds))
    private var lines = EventLines()
    private var waiting: [String] = []
    private var bytes = 0
    /// Whether the model has said that the text is whole.
    private var isWhole = false
    private var isOver = false

    init(_ response: ClientResponse, _ chat: ChatCompletions, place: GenerationPlace) {
        self.response = response
        self.chat = chat
        self.place = place
    }

    /// Waits for the first piece, so that what fails at once can be told as an error.
    func begin() async throws {
        try await fill()
        if waiting.isEmpty { throw TextGenerationError.malformed("it holds no text") }
    }

    /// The next piece; nil after the last.
    /// - Throws: ``TextGenerationError`` when the text ends amid it, or `CancellationError`.
    public func next() async throws -> String? {
        try await fill()
        return waiting.isEmpty ? nil : waiting.removeFirst()
    }

    /// Reads until a piece is there, or the end.
    private func fill() async throws {
        while waiting.isEmpty, !isOver {
            guard ContinuousClock.now < end else { throw TextGenerationError.late(seconds: Self.mostSeconds) }
            let chunk = try await chunk()
            guard let chunk else {
                guard isWhole else { throw TextGenerationError.cut }
                isOver = true
                return
            }
            bytes += chunk.count
            guard bytes <= ChatCompletions.mostBytes else {
                throw TextGenerationError.malformed("it has more than \(ChatCompletions.mostBytes) bytes")
            }
            for data in lines.take(chunk) where !isOver { try take(data) }
        }
    }

    private func chunk() async throws -> [UInt8]? {
        do {
            return try await TimeLimit.run(seconds: chat.seconds) { [body = response.body] in
                var iterator = body.makeAsyncIterator()
                return try await iterator.next().map { Array($0.readableBytesView) }
            }
        } catch let error as HTTPClientError {
            // Where a piece has been read, what comes too late is that the connection broke.
            throw bytes > 0 ? TextGenerationError.cut : ChatCompletions.failure(error)
        }
    }

    private func take(_ data: [UInt8]) throws(TextGenerationError) {
        if data.elementsEqual("[DONE]".utf8) {
            isOver = true
            return
        }
        guard let event = try? JSONValue(parsing: data) else { throw .malformed("it is no JSON") }
        if event["error"] != nil { throw .refused(status: response.status, reason: ChatCompletions.reason(event)) }
        // One that tells how much was used has no choices.
        guard let choice = event["choices"]?[0] else { return }
        if let refusal = choice["delta"]?["refusal"]?.string { throw .declined(ChatCompletions.shown(refusal)) }
        if let piece = choice["delta"]?["content"]?.string, !piece.isEmpty { waiting.append(piece) }
        if try ChatAnswer.checkEnd(choice) { isWhole = true }
    }
}
