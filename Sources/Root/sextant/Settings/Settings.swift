import Billing
import Configuration
import EventStore
import Foundation
import Gateway
import HTTPClient
import InternetAddress
import Logging
import TextGeneration
import WebFetch

/// What the operator has set. A flag wins over the environment, the environment over the file, the file over the default.
struct Settings {
    /// Folder of everything the server stores.
    let dataDirectory: String
    let host: String
    let port: Int
    let tlsCertificate: String?
    let tlsKey: String?
    /// Where people reach this server, when that is not what requests' Host headers say.
    let publicURL: String?
    /// `s3://bucket/prefix?endpoint=...`; nil keeps files in the data folder.
    let blobURL: String?
    /// `smtp://user:password@host:587?from=...`; nil writes mail into the data folder.
    let smtpURL: String?
    /// Networks besides the public internet in which pages that users name may be fetched.
    let fetchNetworks: [Network]
    /// Proxies that are believed about whom they speak for.
    let trustedProxies: [IPRange]
    /// Of other sites' pages that people may log in from.
    let appOrigins: [String]
    /// Who writes texts for variations; nil for nobody.
    let textGeneration: TextGenerator.Configuration?
    /// Who handles payments; nil for nobody.
    let payments: StripeClient.Configuration?
    /// What accounts are offered.
    let billingPlans: BillingPlans
    /// Whoever runs the server; nil where nobody is to be asked.
    let operatorEmail: String?
    /// File of locations by address; nil for none.
    let locationDatabase: String?
    /// The most connections of one client's address at once.
    let connectionsPerAddress: Int
    /// Takes screenshots.
    let chromiumPath: String
    /// Memory of the event engine.
    let memoryLimit: MemorySize
    /// Threads of the event engine.
    let threads: Int
    let logLevel: Logger.Level
    let logFormat: LogFormat
    /// Whether each request is a line of the log.
    let logsRequests: Bool
    /// What the operator goes on without at this start; a flag only.
    let acceptedLosses: [AcceptedLoss]

    /// - Parameter flags: what the command line sets, by the names of the variables.
    /// - Throws: ``SettingsError`` for the first that cannot be used.
    init(
        dataDirectory: String?, flags: [String: String] = [:], acceptedLosses: [AcceptedLoss] = [],
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        try KnownSettings.requireKnown(environment.keys.filter { $0.hasPrefix("SEXTANT_") })
        let data = dataDirectory ?? environment[KnownSettings.data.name] ?? KnownSettings.data.shownDefault
        self.dataDirectory = URL(fileURLWithPath: data).standardizedFileURL.path
        self.acceptedLosses = acceptedLosses
        let reader = ConfigReader(
            providers: [flags, environment, try SettingsFile.read("\(self.dataDirectory)/sextant.conf")].map(Self.set))
        host = try KnownSettings.host.value(in: reader)
        port = try KnownSettings.port.value(in: reader)
        tlsCertificate = try KnownSettings.tlsCertificate.value(in: reader)
        tlsKey = try KnownSettings.tlsKey.value(in: reader)
        publicURL = try KnownSettings.publicURL.value(in: reader)
        blobURL = try KnownSettings.blobURL.value(in: reader)
        smtpURL = try KnownSettings.smtpURL.value(in: reader)
        fetchNetworks = try KnownSettings.fetchNetworks.value(in: reader)
        trustedProxies = try KnownSettings.trustedProxies.value(in: reader)
        appOrigins = try KnownSettings.appOrigins.value(in: reader)
        textGeneration = try Self.textGeneration(reader, fetchNetworks)
        payments = try Self.payments(reader, fetchNetworks)
        billingPlans = try KnownSettings.billingPlans.value(in: reader)
        operatorEmail = try KnownSettings.operatorEmail.value(in: reader)
        locationDatabase = try KnownSettings.locationDatabase.value(in: reader)
        connectionsPerAddress = try KnownSettings.connectionsPerAddress.value(in: reader)
        chromiumPath = try KnownSettings.chromium.value(in: reader)
        memoryLimit = try KnownSettings.memoryLimit.value(in: reader)
        threads = try KnownSettings.threads.value(in: reader)
        logLevel = try KnownSettings.logLevel.value(in: reader)
        logFormat = try KnownSettings.logFormat.value(in: reader)
        logsRequests = try KnownSettings.logRequests.value(in: reader)
    }

    /// What of some variables is a setting; one that is empty is not set.
    private static func set(_ variables: [String: String]) -> any ConfigProvider {
        let names = Set(KnownSettings.inFile.map(\.name))
        return EnvironmentVariablesProvider(
            environmentVariables: variables.filter { names.contains($0.key) && !$0.value.isEmpty })
    }

    private static func textGeneration(
        _ reader: ConfigReader, _ networks: [Network]
    ) throws(SettingsError) -> TextGenerator.Configuration? {
        let (key, model) = (
            try KnownSettings.aiKey.value(in: reader), try KnownSettings.aiModel.value(in: reader)
        )
        let seconds = try KnownSettings.aiTimeout.value(in: reader)
        guard let url = try KnownSettings.aiURL.value(in: reader),
            let service = ServiceAddress(url, besides: networks)
        else { return nil }
        guard let model else { throw .invalid("SEXTANT_AI_URL needs SEXTANT_AI_MODEL, the model to ask for.") }
        return TextGenerator.Configuration(service: service, model: model, key: key, seconds: seconds)
    }

    private static func payments(
        _ reader: ConfigReader, _ networks: [Network]
    ) throws(SettingsError) -> StripeClient.Configuration? {
        let url = try KnownSettings.stripeURL.value(in: reader)
        guard let key = try KnownSettings.stripeKey.value(in: reader),
            let service = ServiceAddress(url, besides: networks)
        else { return nil }
        return StripeClient.Configuration(service: service, key: key)
    }

    /// What the gateway needs to know of them.
    var gateway: GatewayConfiguration {
        var configuration = GatewayConfiguration()
        configuration.publicURL = publicURL
        configuration.trustedProxies = trustedProxies
        configuration.isTLS = tlsCertificate != nil
        configuration.logsRequests = logsRequests
        configuration.maximumConnections = OpenFiles.mostConnections
        configuration.maximumConnectionsPerAddress = connectionsPerAddress
        return configuration
    }
}

/// A setting that cannot be used, or what it names.
enum SettingsError: StatusError, CustomStringConvertible {
    /// It is wrong as it is written.
    case invalid(String)
    /// It is well written, and what it names is missing, taken or damaged.
    case refused(String)

    var description: String {
        switch self {
        case .invalid(let message), .refused(let message): message
        }
    }

    var exitStatus: ExitStatus {
        switch self {
        case .invalid: .badUse
        case .refused: .refused
        }
    }
}
