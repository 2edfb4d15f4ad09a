/// What kind of thing happened. The names are those of the export contract (`ExportedEvent.event_type`).
public enum EventType: UInt8, Sendable, CaseIterable {
    case identifyUser
    case identifyCompany
    case pageView
    case track
    case trackFeature
    case interaction
    case sessionStart

    /// The contract's name, as it is stored and exported.
    public var name: String { staticName.description }

    var staticName: StaticString {
        switch self {
        case .identifyUser: "identify_user"
        case .identifyCompany: "identify_company"
        case .pageView: "page_view"
        case .track: "track"
        case .trackFeature: "track_feature"
        case .interaction: "interaction"
        case .sessionStart: "session_start"
        }
    }

    public init?(name: String) {
        guard let type = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = type
    }
}

/// Which kind of client an event came from (`ExportedEvent.source`).
public enum EventSource: UInt8, Sendable, CaseIterable {
    case webClient
    case backendHTTP
    case backendHubSpot
    case backendSalesforce
    case backendSegment
    case backendHTTPImport

    /// The contract's name, as it is stored and exported.
    public var name: String { staticName.description }

    var staticName: StaticString {
        switch self {
        case .webClient: "web-client"
        case .backendHTTP: "backend-http"
        case .backendHubSpot: "backend-hubspot"
        case .backendSalesforce: "backend-salesforce"
        case .backendSegment: "backend-segment"
        case .backendHTTPImport: "backend-http-import"
        }
    }

    public init?(name: String) {
        guard let source = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = source
    }
}

/// Which of the server's interfaces took an event in.
public enum EventSurface: UInt8, Sendable, CaseIterable {
    case userpilot
    case sextant
    case gainsight

    public var name: String { staticName.description }

    var staticName: StaticString {
        switch self {
        case .userpilot: "userpilot"
        case .sextant: "sextant"
        case .gainsight: "gainsight_px"
        }
    }

    public init?(name: String) {
        guard let surface = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = surface
    }
}

/// The stream of events that a key writes to and reads from: one environment of one project.
public struct EventStream: Sendable, Hashable {
    public let environmentID: Int64
    public let projectID: Int64
    /// The environment's public token (`NX-...`), part of every exported row.
    public let appToken: String

    public init(environmentID: Int64, projectID: Int64, appToken: String) {
        self.environmentID = environmentID
        self.projectID = projectID
        self.appToken = appToken
    }
}
