import HTTPTypes
import NIOHTTP1

/// A request of HTTP/1 that cannot be told from another, or not be read, and why.
struct MalformedRequest {
    private let error: APIError

    /// Nil for a head that is in order.
    init?(_ head: HTTPRequestHead) {
        let hosts = head.headers["host"]
        // Which of two a proxy in front has gone by nobody knows (RFC 9112, 3.2).
        guard hosts.count < 2 else {
            error = APIError(.badRequest, "The request has more than one Host header; send one.")
            return
        }
        guard !hosts.isEmpty || head.version.isBefore11 else {
            error = APIError(.badRequest, "The request has no Host header, which HTTP/1.1 needs.")
            return
        }
        guard hosts.allSatisfy(Self.isHost) else {
            error = APIError(
                .badRequest, "The Host header must be the name or address of a host, with its port if any.")
            return
        }
        let codings = head.headers[canonicalForm: "transfer-encoding"]
        guard codings.allSatisfy({ $0.lowercased() == "chunked" }) else {
            error = APIError(.notImplemented, "Transfer-Encoding must be chunked; pack bodies by Content-Encoding.")
            return
        }
        return nil
    }

    /// What the parser stumbled over.
    init(_ error: HTTPParserError) {
        self.error =
            switch error {
            case .headerOverflow:
                APIError(.requestHeaderFieldsTooLarge, "The request's head is too large.")
            default:
                APIError(.badRequest, "The request is not HTTP as the server understands it: its head is malformed.")
            }
    }

    /// The answer, in the form of addresses that belong to no surface.
    var answer: (status: HTTPResponse.Status, body: [UInt8]) {
        let response = ErrorRenderer.sextant.response(to: error)
        guard case .bytes(let body) = response.body else { return (response.status, []) }
        return (response.status, body)
    }

    /// Whether only bytes stand there that hosts and ports are written with (RFC 3986, 3.2.2).
    private static func isHost(_ text: String) -> Bool {
        text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: hostMarks.contains(byte)
            }
        }
    }

    private static let hostMarks = Array("-._~%!$&'()*+,;=:[]".utf8)
}

extension HTTPVersion {
    /// Whether it is HTTP/1.0, which has neither persistent connections nor chunks, or older.
    var isBefore11: Bool { major < 1 || (major == 1 && minor < 1) }
}
