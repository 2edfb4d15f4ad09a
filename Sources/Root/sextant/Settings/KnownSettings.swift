import Billing
import Browser
import EventStore
import Foundation
import Gateway
import HTTPClient
import InternetAddress
import Logging
import Mailer
import WebFetch

/// Every setting there is.
enum KnownSettings {
    static let host = text("SEXTANT_HOST", "address to listen on", default: "127.0.0.1")
    static let port = Setting(
        "SEXTANT_PORT", "port to listen on, 0 for a free one", shownDefault: "8080", default: 8_080
    ) { text, name throws(SettingsError) in
        guard let port = Int(text), (0...65_535).contains(port) else {
            // Kubernetes has its pods find a service called sextant by this very name.
            let isLink = text.hasPrefix("tcp://")
            throw .invalid(
                "\(name) (--port) must be a number between 0 and 65535."
                    + (isLink ? " Kubernetes has set it: give the pod enableServiceLinks: false." : ""))
        }
        return port
    }
    static let tlsCertificate = optional(
        "SEXTANT_TLS_CERT", "certificate chain as a PEM file; with its key turns on TLS and HTTP/2")
    static let tlsKey = optional("SEXTANT_TLS_KEY", "private key of the certificate as a PEM file")
    static let publicURL = Setting(
        "SEXTANT_PUBLIC_URL", "where clients reach the server, for links", shownDefault: "each request's Host header",
        default: String?.none
    ) { text, name throws(SettingsError) in
        let host = ["http://", "https://"].first(where: text.hasPrefix).map { text.dropFirst($0.count) }
        guard let host, !host.isEmpty, !host.hasPrefix("/"), !host.contains(where: { "?#@ ".contains($0) }) else {
            throw .invalid(
                "\(name) must be an address of http or https with a host, such as https://sextant.example.com.")
        }
        return text.hasSuffix("/") ? String(text.dropLast()) : text
    }
    static let blobURL = optional(
        "SEXTANT_BLOB_URL",
        "s3://bucket/prefix?endpoint=https://... for export files, with credentials from AWS_ACCESS_KEY_ID, "
            + "AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN", shownDefault: "a folder in DATA")
    static let smtpURL = optional(
        "SEXTANT_SMTP_URL", "smtp://user:password@host?from=me@example.com",
        shownDefault: "mail is written to DATA/mail")
    static let fetchNetworks = networks(
        "SEXTANT_FETCH_NETWORKS",
        "networks besides the public internet where pages that users name may be fetched, such as "
            + "10.0.0.0/8,fd00::/8", Network.init)
    static let trustedProxies = networks(
        "SEXTANT_TRUSTED_PROXIES",
        "networks of proxies that are believed about the client's address and about TLS, in X-Forwarded-For and "
            + "X-Forwarded-Proto or in Forwarded, such as 127.0.0.1,10.0.0.0/8"
    ) { IPRange(network: $0) }
    static let appOrigins = Setting(
        "SEXTANT_APP_ORIGINS",
        "origins of other sites' pages that people may log in from, such as https://app.example.com,https://admin.example.com",
        shownDefault: "none but the server's own", default: [String]()
    ) { text, name throws(SettingsError) in
        try text.split(separator: ",").map { part throws(SettingsError) in
            let origin = part.trimmingCharacters(in: .whitespaces)
            let host = ["http://", "https://"].first(where: origin.hasPrefix).map { origin.dropFirst($0.count) }
            guard let host, !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else {
                throw .invalid(
                    "\(name) must be origins separated by commas, each a scheme and a host with nothing behind, such as https://app.example.com."
                )
            }
            return origin
        }
    }
    static let aiURL = Setting(
        "SEXTANT_AI_URL",
        "service that writes texts and code for variations, by OpenAI's chat completions, such as https://api.openai.com/v1; "
            + "the public internet, the networks above and the machine that it names by number may be reached",
        shownDefault: "none", default: String?.none, parse: serviceURL)
    static let aiKey = optional("SEXTANT_AI_KEY", "key of that service", shownDefault: "none is sent")
    static let aiModel = optional("SEXTANT_AI_MODEL", "model of that service, such as gpt-5-mini; needed with it")
    static let aiTimeout = number(
        "SEXTANT_AI_TIMEOUT", "seconds that a text may take", in: 1...600, default: 60)
    static let stripeURL = Setting(
        "SEXTANT_STRIPE_URL", "payment provider that speaks Stripe's API", shownDefault: "https://api.stripe.com",
        default: "https://api.stripe.com"
    ) { text, name throws(SettingsError) in try serviceURL(text, name) ?? text }
    static let stripeKey = Setting(
        "SEXTANT_STRIPE_KEY", "secret key of the payment provider", shownDefault: "none: nobody takes payments",
        default: String?.none
    ) { text, name throws(SettingsError) in
        guard text.utf8.count <= 512, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else {
            throw .invalid("\(name) must be a key as the provider shows it, without blanks.")
        }
        return text
    }
    static let billingPlans = Setting(
        "SEXTANT_BILLING_PLANS", "file with the plans that accounts are offered, as JSON", shownDefault: "none",
        default: BillingPlans()
    ) { path, name throws(SettingsError) in
        guard let content = FileManager.default.contents(atPath: path) else {
            throw .invalid("\(name) must name a file that can be read; \(path) cannot.")
        }
        do throws(BillingPlansError) {
            return try BillingPlans(parsing: Array(content))
        } catch {
            throw .invalid("\(name) names a file of plans that cannot be used: \(error).")
        }
    }
    static let operatorEmail = Setting(
        "SEXTANT_OPERATOR_EMAIL", "address of whoever runs the server, for what accounts ask for by mail",
        shownDefault: "none", default: String?.none
    ) { text, name throws(SettingsError) in
        do throws(MailError) {
            return try EmailAddress(text).text
        } catch {
            throw .invalid("\(name) must be an e-mail address: \(error).")
        }
    }
    static let locationDatabase = optional(
        "SEXTANT_LOCATION_DATABASE",
        "file of locations by address in the format of MaxMind DB, such as GeoLite2-City.mmdb; read anew when it changes"
    )
    static let connectionsPerAddress = number(
        "SEXTANT_CONNECTIONS_PER_ADDRESS",
        "the most connections of one client's address at once; this machine and trusted proxies may have more",
        in: 1...1_000_000, default: GatewayConfiguration().maximumConnectionsPerAddress)
    static let chromium = text(
        "SEXTANT_CHROMIUM", "headless Chromium that takes screenshots of variations", default: Chromium.usualPath)
    static let memoryLimit = Setting(
        "SEXTANT_MEMORY_LIMIT", "memory of the event engine, at least 256MB; larger sorts use the disk",
        shownDefault: "1GB", default: EventStore.Settings().memoryLimit
    ) { text, name throws(SettingsError) in
        guard let size = MemorySize(text), size.bytes >= 256_000_000 else {
            throw .invalid("\(name) must be at least 256MB, written like 512MB or 2GB.")
        }
        return size
    }
    static let threads = number(
        "SEXTANT_THREADS", "threads of the event engine", in: 1...1_024,
        default: ProcessInfo.processInfo.activeProcessorCount, shownDefault: "number of cores")
    static let logLevel = Setting(
        "SEXTANT_LOG_LEVEL", "trace, debug, info, notice, warning, error or critical", shownDefault: "info",
        default: Logger.Level.info
    ) { text, name throws(SettingsError) in
        guard let level = Logger.Level(rawValue: text) else {
            throw .invalid("\(name) must be one of \(Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")).")
        }
        return level
    }
    static let logFormat = Setting(
        "SEXTANT_LOG_FORMAT", "text for people, or json for programs: one object a line", shownDefault: "text",
        default: LogFormat.text
    ) { text, name throws(SettingsError) in
        guard let format = LogFormat(rawValue: text) else { throw .invalid("\(name) must be text or json.") }
        return format
    }
    static let logRequests = Setting(
        "SEXTANT_LOG_REQUESTS", "on for a line of the log, at level info, for each request", shownDefault: "off",
        default: false
    ) { text, name throws(SettingsError) in
        guard let isOn = ["on": true, "off": false][text] else { throw .invalid("\(name) must be on or off.") }
        return isOn
    }

    /// The folder is needed before the file in it is found, the engine before anything is read.
    static let data = SettingHelp(
        name: "SEXTANT_DATA", meaning: "folder of everything the server stores", shownDefault: "./data")
    private static let engine = [
        SettingHelp(
            name: "SEXTANT_DUCKDB_LIBRARY", meaning: "the event engine's shared library, v1.5.5",
            shownDefault: "found in .deps/engine"),
        SettingHelp(
            name: "SEXTANT_DUCKDB_EXTENSIONS", meaning: "folder of the engine's extensions",
            shownDefault: "beside its library"),
    ]

    /// Those that may stand in the settings file.
    static let inFile = [
        host.help, port.help, tlsCertificate.help, tlsKey.help, publicURL.help, blobURL.help, smtpURL.help,
        fetchNetworks.help, trustedProxies.help, appOrigins.help, aiURL.help, aiKey.help, aiModel.help,
        aiTimeout.help, stripeURL.help, stripeKey.help, billingPlans.help, operatorEmail.help, locationDatabase.help,
        connectionsPerAddress.help,
        chromium.help,
        memoryLimit.help,
        threads.help, logLevel.help, logFormat.help, logRequests.help,
    ]

    /// Of the server.
    static let all = [data] + inFile + engine

    /// Names and meanings, for `--help`.
    static let help =
        """
        ENVIRONMENT (flags win over it; all but SEXTANT_DATA and the last two may
        stand in DATA/sextant.conf, one NAME=VALUE a line)

        """ + all.map(\.lines).joined(separator: "\n")

    /// The address of a service, which may be told in errors but for what it must not have.
    private static func serviceURL(_ text: String, _ name: String) throws(SettingsError) -> String? {
        guard ServiceAddress(text, besides: []) != nil else {
            throw .invalid(
                "\(name) must be an address of http or https with a host and at most a port and a path, such as https://api.example.com/v1."
            )
        }
        return text
    }

    private static func text(_ name: String, _ meaning: String, default value: String) -> Setting<String> {
        Setting(name, meaning, shownDefault: value, default: value) { text, _ in text }
    }

    private static func optional(
        _ name: String, _ meaning: String, shownDefault: String = "none"
    ) -> Setting<String?> {
        Setting(name, meaning, shownDefault: shownDefault, default: nil) { text, _ in text }
    }

    private static func number(
        _ name: String, _ meaning: String, in range: ClosedRange<Int>, default value: Int, shownDefault: String? = nil
    ) -> Setting<Int> {
        Setting(name, meaning, shownDefault: shownDefault ?? String(value), default: value) {
            text, name throws(SettingsError) in
            guard let number = Int(text), range.contains(number) else {
                throw .invalid("\(name) must be a number between \(range.lowerBound) and \(range.upperBound).")
            }
            return number
        }
    }

    private static func networks<Parsed: Sendable>(
        _ name: String, _ meaning: String, _ parse: @escaping @Sendable (String) -> Parsed?
    ) -> Setting<[Parsed]> {
        Setting(name, meaning, shownDefault: "none", default: []) { list, name throws(SettingsError) in
            var networks: [Parsed] = []
            for text in list.split(separator: ",") {
                guard let network = parse(text.trimmingCharacters(in: .whitespaces)) else {
                    throw .invalid("\(name) must list networks such as 10.0.0.0/8,fd00::/8; \(text) is none.")
                }
                networks.append(network)
            }
            return networks
        }
    }
}
