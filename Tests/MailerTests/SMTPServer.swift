import Foundation
import TestSupport

/// A real SMTP server (aiosmtpd) that keeps what it receives, for one test.
struct SMTPServer {
    /// What the server demands and how it answers.
    struct Behaviour: Encodable {
        /// Accepts AUTH, and mail only after it.
        var login = false
        /// Offers STARTTLS with a certificate for `localhost` of its own making.
        var startTLS = false
        /// Encrypted from the first byte, with the same certificate.
        var implicitTLS = false
        /// Replies to `RCPT TO` by address, instead of accepting it.
        var refusedRecipients: [String: String] = [:]
        /// The reply to the message itself, instead of accepting it.
        var refusal: String?
        /// Seconds before the reply to the message.
        var delay = 0.0
    }

    /// A message as it arrived, read back with Python's `email` package.
    struct Received: Decodable {
        let sender: String
        let recipients: [String]
        let raw: String
        let subject: String
        let from: String
        let fromAddress: String
        let to: [String]
        let date: String
        let messageID: String
        let text: String
        let html: String?
        let defects: [String]
        let headers: [String]
        let login: String?
        let encrypted: Bool
    }

    static let user = "mail user"
    static let password = "p@ss:w/rd?"

    private let server: ScriptServer
    private let folder: TemporaryFolder

    init(_ behaviour: Behaviour = Behaviour()) async throws {
        folder = try TemporaryFolder()
        let settings = String(decoding: try JSONEncoder().encode(behaviour), as: UTF8.self)
        server = try await ScriptServer.start(
            script: Self.script, having: "aiosmtpd", arguments: [folder.path, settings, Self.user, Self.password])
    }

    var port: String { server.announcement["port"] ?? "" }
    /// The server's own certificate, in a file.
    var certificate: String { folder.file("certificate.pem") }

    func stop() { server.stop() }

    func received() throws -> [Received] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".json") }.sorted().map {
            try JSONDecoder().decode(
                Received.self, from: Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\($0)")))
        }
    }
}
