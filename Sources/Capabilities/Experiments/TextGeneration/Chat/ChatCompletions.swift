import HTTPClient
import JSON
import Text

/// A service that speaks OpenAI's chat completions (`POST /chat/completions`).
struct ChatCompletions: Sendable {
    /// Of an answer, in bytes.
    static let mostBytes = 1_024 * 1_024
    private static let errorBytes = 64 * 1_024
    private static let reasonCharacters = 200
    private static let mostKeyBytes = 1_024

    private let service: ServiceAddress
    private let model: String
    private let key: String?
    let seconds: Int

    init(_ configuration: TextGenerator.Configuration) {
        service = configuration.service
        model = configuration.model
        key = configuration.key
        seconds = configuration.seconds
    }

    /// Whole texts: one or more, `count` of them where the service writes that many at once.
    /// - Parameter ownKey: the caller's, which goes before the operator's.
    /// - Throws: ``TextGenerationError``, or `CancellationError`.
    func complete(_ prompt: Prompt, count: Int, ownKey: String?) async throws -> [String] {
        var asked = body(prompt)
        if count > 1 { asked["n"] = .integer(Int64(count)) }
        let response = try await send(asked, ownKey: ownKey)
        do {
            return try ChatAnswer.texts(in: try await response.body.collect(upTo: Self.mostBytes))
        } catch let error as HTTPClientError {
            throw Self.failure(error)
        }
    }

    /// A text that comes in pieces.
    /// - Throws: ``TextGenerationError``, or `CancellationError`.
    func stream(_ prompt: Prompt) async throws -> ClientResponse {
        var asked = body(prompt)
        asked["stream"] = true
        return try await send(asked, ownKey: nil)
    }

    private func body(_ prompt: Prompt) -> JSONObject {
        let messages: JSONValue = [
            ["role": "system", "content": .string(prompt.instructions)],
            ["role": "user", "content": .string(prompt.material)],
        ]
        return JSONObject([("model", .string(model)), ("messages", messages)])
    }

    /// The answer of a service that takes the request.
    private func send(_ body: JSONObject, ownKey: String?) async throws -> ClientResponse {
        var request = service.request("POST", "/chat/completions")
        request.headers = [("Content-Type", "application/json"), ("User-Agent", "Sextant")]
        let key = ownKey ?? self.key
        if let key {
            guard key.utf8.count <= Self.mostKeyBytes, key.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw TextGenerationError.keyRefused(isOwn: ownKey != nil)
            }
            request.headers.append(("Authorization", "Bearer \(key)"))
        }
        request.body = .bytes(JSONValue.object(body).encoded())
        // The time limit around it comes first.
        request.answerTimeoutSeconds = seconds + 30
        request.idleTimeoutSeconds = seconds + 30
        do {
            let response = try await HTTPClient.send(request)
            guard response.status != 200 else { return response }
            throw try await refusal(response, key: key, isOwn: ownKey != nil)
        } catch let error as HTTPClientError {
            throw Self.failure(error)
        }
    }

    private func refusal(_ response: ClientResponse, key: String?, isOwn: Bool) async throws -> TextGenerationError {
        switch response.status {
        case 401, 403: return .keyRefused(isOwn: isOwn)
        case 429:
            let seconds = response.header("Retry-After").flatMap { Int($0) } ?? 30
            return .overloaded(retryAfterSeconds: min(max(seconds, 1), 3_600))
        default:
            let bytes = try? await response.body.collect(upTo: Self.errorBytes)
            let reason = bytes.flatMap { try? JSONValue(parsing: $0) }.flatMap(Self.reason)
            // What a service repeats of a key stays out of answers.
            let isSafe = key.map { reason?.containsBytes(of: $0) != true } ?? true
            return .refused(status: response.status, reason: isSafe ? reason : nil)
        }
    }

    /// What an error says, cut and in one line; nil where it says nothing.
    static func reason(_ answer: JSONValue) -> String? {
        guard let text = answer["error"]?["message"]?.string ?? answer["error"]?.string, !text.isEmpty else {
            return nil
        }
        return shown(text)
    }

    /// What of a service's own words is passed on.
    static func shown(_ text: String) -> String {
        var shown = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(reasonCharacters) {
            shown.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        return String(shown)
    }

    static func failure(_ error: HTTPClientError) -> TextGenerationError {
        switch error {
        case .tooLarge(let limit): .malformed("it has more than \(limit) bytes")
        case .noAnswer(let seconds): .late(seconds: seconds)
        case .invalidRequest, .notStarted, .failed: .unreachable("\(error)")
        }
    }
}
