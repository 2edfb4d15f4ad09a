import Browser
import EventStore
import Foundation
import Gateway
import InternetAddress
import WebFetch

/// What an operator can set. A flag wins over the environment, the environment over the file, the file over the default.
struct Settings {
    /// Folder of everything the server stores.
    var dataDirectory: String
    var host = "127.0.0.1"
    var port = 8_080
    var tlsCertificate: String?
    var tlsKey: String?
    /// Where people reach this server, when that is not what requests' Host headers say.
    var publicURL: String?
    /// `s3://bucket/prefix?endpoint=...`; nil keeps files in the data folder.
    var blobURL: String?
    /// `smtp://user:password@host:587?from=...`; nil writes mail into the data folder.
    var smtpURL: String?
    /// Networks besides the public internet in which pages that users name may be fetched.
    var fetchNetworks: [Network] = []
    /// Proxies that are believed about whom they speak for.
    var trustedProxies: [IPRange] = []
    /// Takes screenshots.
    var chromiumPath = Chromium.usualPath
    /// Memory of the event engine.
    var memoryLimit = EventStore.Settings().memoryLimit
    /// Threads of the event engine.
    var threads = ProcessInfo.processInfo.activeProcessorCount
    var logLevel = "info"
    /// What the operator goes on without at this start; a flag only.
    var acceptedLosses: [AcceptedLoss] = []

    /// Names and meanings, for `--help` and the documentation.
    static let help = """
        ENVIRONMENT (flags win over it; all but SEXTANT_DATA and the last two may stand in DATA/sextant.conf,
        one NAME=VALUE a line)
          SEXTANT_DATA            folder of everything the server stores (./data)
          SEXTANT_HOST            address to listen on (127.0.0.1)
          SEXTANT_PORT            port to listen on, 0 for a free one (8080)
          SEXTANT_TLS_CERT        certificate chain, PEM; with SEXTANT_TLS_KEY turns on TLS and HTTP/2 (none)
          SEXTANT_TLS_KEY         private key, PEM (none)
          SEXTANT_PUBLIC_URL      where clients reach the server, for links (each request's Host header)
          SEXTANT_BLOB_URL        s3://bucket/prefix?endpoint=https://... for export files (a folder in DATA);
                                  credentials from AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN
          SEXTANT_SMTP_URL        smtp://user:password@host:587?from=sextant@example.com (mail is written to DATA/mail)
          SEXTANT_FETCH_NETWORKS  networks besides the public internet where pages that users name may be fetched, such
                                  as 10.0.0.0/8,fd00::/8 (none)
          SEXTANT_TRUSTED_PROXIES networks of proxies that are believed about the client's address, which they say in
                                  X-Forwarded-For, such as 127.0.0.1,10.0.0.0/8 (none)
          SEXTANT_CHROMIUM        headless Chromium that takes screenshots of variations (/usr/bin/chromium)
          SEXTANT_MEMORY_LIMIT    memory of the event engine, at least 256MB; larger sorts use the disk (1GB)
          SEXTANT_THREADS         threads of the event engine (number of cores)
          SEXTANT_LOG_LEVEL       trace, debug, info, notice, warning, error or critical (info)
          SEXTANT_DUCKDB_LIBRARY  the event engine's shared library, v1.5.5 (found in .deps/engine)
          SEXTANT_DUCKDB_EXTENSIONS  folder of the engine's extensions (beside its library)
        """

    init(dataDirectory: String?, environment: [String: String] = ProcessInfo.processInfo.environment) throws {
        let data = dataDirectory ?? environment["SEXTANT_DATA"] ?? "./data"
        self.dataDirectory = URL(fileURLWithPath: data).standardizedFileURL.path
        let file = try Self.read("\(self.dataDirectory)/sextant.conf")
        func value(_ name: String) -> String? {
            let value = environment[name] ?? file[name]
            return value.flatMap { $0.isEmpty ? nil : $0 }
        }
        host = value("SEXTANT_HOST") ?? host
        port = try Self.number(value("SEXTANT_PORT"), "SEXTANT_PORT", in: 0...65_535) ?? port
        tlsCertificate = value("SEXTANT_TLS_CERT")
        tlsKey = value("SEXTANT_TLS_KEY")
        publicURL = value("SEXTANT_PUBLIC_URL").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        blobURL = value("SEXTANT_BLOB_URL")
        smtpURL = value("SEXTANT_SMTP_URL")
        fetchNetworks = try Self.networks(value("SEXTANT_FETCH_NETWORKS"), "SEXTANT_FETCH_NETWORKS", Network.init)
        trustedProxies = try Self.networks(value("SEXTANT_TRUSTED_PROXIES"), "SEXTANT_TRUSTED_PROXIES") {
            IPRange(network: $0)
        }
        chromiumPath = value("SEXTANT_CHROMIUM") ?? chromiumPath
        if let text = value("SEXTANT_MEMORY_LIMIT") {
            guard let size = MemorySize(text), size.bytes >= 256_000_000 else {
                throw SettingsError.invalid("SEXTANT_MEMORY_LIMIT must be at least 256MB, written like 512MB or 2GB.")
            }
            memoryLimit = size
        }
        threads = try Self.number(value("SEXTANT_THREADS"), "SEXTANT_THREADS", in: 1...1_024) ?? threads
        logLevel = value("SEXTANT_LOG_LEVEL") ?? logLevel
    }

    /// What the gateway needs to know of them.
    var gateway: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.publicURL = publicURL
        configuration.trustedProxies = trustedProxies
        configuration.isTLS = tlsCertificate != nil
        return configuration
    }

    private static func networks<Parsed>(
        _ list: String?, _ name: String, _ parse: (String) -> Parsed?
    ) throws -> [Parsed] {
        try (list ?? "").split(separator: ",").map { text in
            guard let network = parse(text.trimmingCharacters(in: .whitespaces)) else {
                throw SettingsError.invalid(
                    "\(name) must list networks such as 10.0.0.0/8,fd00::/8; \(text) is none.")
            }
            return network
        }
    }

    private static func number(_ text: String?, _ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let text else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw SettingsError.invalid("\(name) must be a number between \(range.lowerBound) and \(range.upperBound).")
        }
        return number
    }

    /// The others are needed before the file is found or the engine is loaded.
    private static let namesInFile: Set = [
        "SEXTANT_HOST", "SEXTANT_PORT", "SEXTANT_TLS_CERT", "SEXTANT_TLS_KEY", "SEXTANT_PUBLIC_URL", "SEXTANT_BLOB_URL",
        "SEXTANT_SMTP_URL", "SEXTANT_FETCH_NETWORKS", "SEXTANT_TRUSTED_PROXIES", "SEXTANT_CHROMIUM",
        "SEXTANT_MEMORY_LIMIT", "SEXTANT_THREADS", "SEXTANT_LOG_LEVEL",
    ]

    private static func text(_ path: String) throws -> String {
        let bytes: Data
        do {
            bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        } catch {
            throw SettingsError.invalid("\(path) cannot be read; it must be a text file that the server may read.")
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let number = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw SettingsError.invalid("\(path), line \(number + 1): the file must be text in UTF-8, and this is not.")
    }

    /// `NAME=VALUE` lines; `#` begins a comment line.
    private static func read(_ path: String) throws -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        var values: [String: String] = [:]
        for (index, line) in try text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), line.hasPrefix("SEXTANT_") else {
                throw SettingsError.invalid("\(path), line \(index + 1): expected SEXTANT_NAME=VALUE.")
            }
            let name = String(line[..<equals])
            guard namesInFile.contains(name) else {
                throw SettingsError.invalid(
                    "\(path), line \(index + 1): there is no setting \(name) that may stand here. "
                        + "`sextant serve --help` names them all.")
            }
            values[name] = String(line[line.index(after: equals)...])
        }
        return values
    }
}

/// A setting that cannot be used.
enum SettingsError: Error, CustomStringConvertible {
    case invalid(String)

    var description: String {
        switch self {
        case .invalid(let message): message
        }
    }
}
