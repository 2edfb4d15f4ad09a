import Contract
public import Gateway
import HTTPTypes
import Identity
import JSON
import NIOCore
public import TextGeneration

/// Texts and code that a language model writes: `generateTextVariants`, `generateCodeVariant`.
struct TextGenerationController: Sendable {
    let texts: TextGenerator

    /// Whoever hangs up ends the writing.
    private static let limits = OperationLimits(bodyBytes: 256 * 1_024, endsWithCaller: true)
    private static let mostVariants: Int64 = 5

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("generateTextVariants", allow: .may(.edit(.experience), in: .projects), limits: Self.limits) {
            caller, request in
            let variants = try await texts.variants(
                Self.textRequest(request.bodyMembers), account: caller.accountID)
            return .json(["data": ["variants": .array(variants.map { ["content": .string($0)] })]])
        }
        surface.on("generateCodeVariant", allow: .may(.edit(.experience), in: .projects), limits: Self.limits) {
            caller, request in
            let body = try request.bodyMembers
            let code = try Self.content(body)
            guard body["stream"]?.bool == true else {
                let improved = try await texts.improve(code: code, account: caller.accountID)
                return .json(["data": ["content": .string(improved)]])
            }
            return Self.events(of: try await texts.stream(code: code, account: caller.accountID))
        }
    }

    /// Contract schema `GenerateTextVariantsRequestData`.
    private static func textRequest(_ body: JSONObject) throws(APIError) -> TextRequest {
        var request = TextRequest(content: try content(body))
        if let count = body["parameters"]?["variationsNumber"] {
            guard let count = count.int64, (1...mostVariants).contains(count) else {
                throw APIError.invalid(
                    "parameters.variationsNumber",
                    "parameters.variationsNumber must be a whole number from 1 to \(mostVariants).")
            }
            request.count = Int(count)
        }
        request.persuasion = Persuasion(
            class: body["principle_class"]?.string, principle: body["principle"]?.string)
        request.context = body["context_content"]?.string
        request.previous = body["previousResponses"]?.array?.compactMap(\.string) ?? []
        if let key = body["openAI_Key"]?.string, !key.isEmpty { request.ownKey = key }
        return request
    }

    private static func content(_ body: JSONObject) throws(APIError) -> String {
        guard let content = body["content"]?.string,
            content.unicodeScalars.contains(where: { !$0.properties.isWhitespace })
        else { throw APIError.invalid("content", "content must be a text that is not blank.") }
        return content
    }

    /// `data: {"content":"..."}` for each piece, and `data: [DONE]` once all of it is told: an answer without that was cut.
    private static func events(of stream: TextStream) -> OperationResponse {
        let events = TextEvents(stream)
        var response = OperationResponse(
            status: .ok, headers: [.contentType: "text/event-stream", .cacheControl: "no-store"])
        response.body = .stream(length: nil) { AsyncThrowingStream { try await events.next() } }
        return response
    }
}

/// A text's pieces as server-sent events.
private actor TextEvents {
    /// Nil after its end.
    private var stream: TextStream?

    init(_ stream: TextStream) {
        self.stream = stream
    }

    func next() async throws -> ByteBuffer? {
        guard let stream else { return nil }
        guard let piece = try await stream.next() else {
            self.stream = nil
            return ByteBuffer(string: "data: [DONE]\n\n")
        }
        let event: JSONValue = ["content": .string(piece)]
        return ByteBuffer(string: "data: \(event.encodedString)\n\n")
    }
}

extension TextGenerationError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notConfigured:
            return .conflict(
                "Nothing writes texts here: whoever runs the server sets SEXTANT_AI_URL and SEXTANT_AI_MODEL to a service that does."
            )
        case .busy(let most, let isAccount):
            return .tooManyRequests(
                "\(most) texts \(isAccount ? "of the account " : "")are being written; wait until one is done.",
                retryAfterSeconds: 5)
        case .unreachable(let reason):
            return APIError(.badGateway, "The service that writes texts (SEXTANT_AI_URL) was not reached: \(reason).")
        case .late(let seconds):
            return APIError(
                .gatewayTimeout,
                "The service that writes texts took more than \(seconds) seconds (SEXTANT_AI_TIMEOUT). Ask for less, or again."
            )
        case .keyRefused(isOwn: true):
            return .invalid("openAI_Key", "openAI_Key is not taken by the service that writes texts.")
        case .keyRefused(isOwn: false):
            return APIError(
                .badGateway, "The service that writes texts does not take the server's key, SEXTANT_AI_KEY.")
        case .overloaded(let seconds):
            return .tooManyRequests(
                "The service that writes texts takes no more requests for now.", retryAfterSeconds: seconds)
        case .refused(let status, let reason):
            return APIError(
                .badGateway,
                "The service that writes texts answered with an error (\(status))\(reason.map { ": \($0)" } ?? "").")
        case .declined(let reason):
            return .invalid(
                "content", "The model does not write this\(reason.map { ": \($0)" } ?? "; ask for something else").")
        case .cut:
            return APIError(
                .badGateway,
                "The answer of the service that writes texts ended before the text did. Ask for less, or again.")
        case .malformed(let reason):
            return APIError(.badGateway, "The answer of the service that writes texts cannot be used: \(reason).")
        }
    }
}
