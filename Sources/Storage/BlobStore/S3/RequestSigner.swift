import Cryptography
import Time

/// AWS Signature Version 4 for one access key, region and service.
///
/// Source: AWS, "Create a signed AWS API request", steps 2 to 5, and "Authenticating requests: using query parameters".
/// Pure: the time is passed in.
struct RequestSigner: Sendable {
    static let algorithm = "AWS4-HMAC-SHA256"

    let accessKeyID: String
    let secret: [UInt8]
    let sessionToken: String?
    let region: String
    let service: String

    /// What a signature is limited to: a day, a region and a service.
    func scope(at time: Timestamp) -> String {
        "\(time.formatted(.basic).prefix(8))/\(region)/\(service)/aws4_request"
    }

    /// The `Credential` of a signature made at `time`.
    func credential(at time: Timestamp) -> String {
        "\(accessKeyID)/\(scope(at: time))"
    }

    /// What is signed in the end.
    func stringToSign(_ request: CanonicalRequest, at time: Timestamp) -> String {
        [Self.algorithm, time.formatted(.basic), scope(at: time), request.hash].joined(separator: "\n")
    }

    /// 64 lowercase hexadecimal digits.
    func signature(of request: CanonicalRequest, at time: Timestamp) -> String {
        code(of: request, at: time).hexadecimal
    }

    /// Whether `signature` is the one of `request`, found in a time that does not depend on where they differ.
    func isValid(signature: String, of request: CanonicalRequest, at time: Timestamp) -> Bool {
        // Lowercase digits only: a link has one spelling.
        guard let claimed = AuthenticationCode(hexadecimal: signature), claimed.hexadecimal == signature else {
            return false
        }
        return claimed == code(of: request, at: time)
    }

    /// The `Authorization` header of `request`.
    func authorization(of request: CanonicalRequest, at time: Timestamp) -> String {
        "\(Self.algorithm) Credential=\(credential(at: time)), SignedHeaders=\(request.signedHeaders), "
            + "Signature=\(signature(of: request, at: time))"
    }

    private func code(of request: CanonicalRequest, at time: Timestamp) -> AuthenticationCode {
        AuthenticationCode(of: Array(stringToSign(request, at: time).utf8), key: signingKey(at: time))
    }

    private func signingKey(at time: Timestamp) -> SecretKey {
        let secret = SecretKey(Array("AWS4".utf8) + secret)
        return [String(time.formatted(.basic).prefix(8)), region, service, "aws4_request"].reduce(secret) { key, part in
            AuthenticationCode(of: Array(part.utf8), key: key).key
        }
    }
}
