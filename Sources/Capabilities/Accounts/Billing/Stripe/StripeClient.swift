public import HTTPClient
import JSON
import Text

/// Speaks Stripe's API: forms there, JSON back.
public struct StripeClient: Sendable {
    /// Who handles payments.
    public struct Configuration: Sendable {
        /// `https://api.stripe.com`, or what speaks as it does.
        public var service: ServiceAddress
        /// A secret key (`sk_...`) or a restricted one.
        public var key: String

        public init(service: ServiceAddress, key: String) {
            self.service = service
            self.key = key
        }
    }

    private static let seconds = 30
    private static let mostBytes = 256 * 1_024
    private static let reasonCharacters = 200

    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    /// - Parameters:
    ///   - fields: of the form, as they are; they are escaped here.
    ///   - name: under which the provider does it once, however often it is asked.
    /// - Throws: ``PaymentError``, or `CancellationError`.
    func post(
        _ path: String, _ fields: [(name: String, value: String)], once name: String? = nil
    ) async throws -> JSONValue {
        var request = request("POST", path)
        request.headers.append(("Content-Type", "application/x-www-form-urlencoded"))
        if let name { request.headers.append(("Idempotency-Key", name)) }
        request.body = .bytes(FormText.encode(fields))
        return try await answer(to: request)
    }

    /// - Throws: ``PaymentError``, or `CancellationError`.
    func get(_ path: String) async throws -> JSONValue { try await answer(to: request("GET", path)) }

    private func request(_ method: String, _ path: String) -> ClientRequest {
        var request = configuration.service.request(method, path)
        request.headers = [("Authorization", "Bearer \(configuration.key)"), ("User-Agent", "Sextant")]
        return request
    }

    private func answer(to request: ClientRequest) async throws -> JSONValue {
        let (response, body): (ClientResponse, [UInt8])
        do {
            (response, body) = try await HTTPClient.exchange(request, upTo: Self.mostBytes, seconds: Self.seconds)
        } catch let error as HTTPClientError {
            throw Self.failure(error)
        }
        let answer = try? JSONValue(parsing: body)
        guard response.status == 200 else { throw refusal(response.status, answer?["error"]) }
        guard let answer, answer.object != nil else { throw PaymentError.malformed("it is no JSON object") }
        return answer
    }

    /// Whether a text may be the provider's name of something.
    static func isIdentifier(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
    }

    /// Whether the provider's name of something stands for nothing else in a path.
    static func isPathPart(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy {
                (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0)
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0)
                    || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) || $0 == UInt8(ascii: "_")
            }
    }

    private func refusal(_ status: Int, _ error: JSONValue?) -> PaymentError {
        switch status {
        case 401, 403: return .keyRefused
        // Asked for the same at the same moment.
        case 409, 429: return .overloaded
        default: break
        }
        // Stripe says it of what the path names with 404, of what a field names with 400.
        if error?["code"]?.string == "resource_missing", error?["param"]?.string == "customer" { return .noCustomer }
        var shown = String.UnicodeScalarView()
        for scalar in (error?["message"]?.string ?? "").unicodeScalars.prefix(Self.reasonCharacters) {
            shown.append(scalar.properties.generalCategory == .control ? " " : scalar)
        }
        let reason = String(shown)
        // What it repeats of the key stays out of answers.
        let isShown = !reason.isEmpty && !reason.containsBytes(of: configuration.key)
        return .refused(status: status, reason: isShown ? reason : nil)
    }

    private static func failure(_ error: HTTPClientError) -> PaymentError {
        switch error {
        case .noAnswer(let seconds): .late(seconds: seconds)
        case .tooLarge(let limit): .malformed("it has more than \(limit) bytes")
        case .invalidRequest, .notStarted, .failed: .unreachable("\(error)")
        }
    }
}
