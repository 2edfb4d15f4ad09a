public import ControlStore
public import EventStore
public import JSON
public import Time

/// Knows which features an event is a use of.
public protocol SoughtFeatures: Sendable {
    func looks(in environmentID: Int64) -> Bool
    /// - Returns: their tags, and whether there may be more.
    func tags(of event: SeenEvent, environmentID: Int64) -> (tags: [String], isCut: Bool)
    /// From when a feature has been looked for by the rules that it has; nil when it is not looked for.
    func soughtSince(_ tag: String, environmentID: Int64) -> Timestamp?
}

/// What of an event tells which features it is a use of.
public struct SeenEvent: Sendable {
    public let isPageView: Bool
    public let eventName: String
    public let host: String
    public let path: String
    /// The properties of these names, where they are texts.
    public let element: String?
    public let text: String?

    init(isPageView: Bool, eventName: String, host: String, path: String, _ properties: JSONDocument?) {
        self.isPageView = isPageView
        self.eventName = eventName
        self.host = host
        self.path = path
        element = properties?.root["element"]?.string
        text = properties?.root["text"]?.string
    }

    static func properties(_ bytes: UnsafeBufferPointer<UInt8>?) -> JSONDocument? {
        bytes.flatMap { try? JSONDocument(stored: UnsafeRawBufferPointer($0)) }
    }
}

/// A form whose page views and custom events bring events of the features that they are a use of.
public struct FeatureForm: EventForm {
    private let form: any EventForm
    private let features: any SoughtFeatures
    private let rejections: IngestionRejections

    /// - Parameter rejections: where events are counted that may be uses of more features, as `feature_limit`.
    public init(_ form: any EventForm, features: any SoughtFeatures, rejections: IngestionRejections) {
        self.form = form
        self.features = features
        self.rejections = rejections
    }

    public func unknownMembers(of object: JSONNode) -> [JSONNode] { form.unknownMembers(of: object) }

    public func suggestion(for name: String) -> String? { form.suggestion(for: name) }

    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let index = try form.decode(object, call, derivedEventID: derivedEventID, into: &builder)
        let environmentID = call.stream.environmentID
        guard features.looks(in: environmentID) else { return index }
        let type = builder.type(at: index)
        guard type == .pageView || type == .track else { return index }
        let found = features.tags(of: Self.seen(index, type == .pageView, builder), environmentID: environmentID)
        for tag in found.tags { Self.add(tag, like: index, call, to: &builder) }
        if found.isCut {
            rejections.record(
                environmentID: environmentID, reason: "feature_limit", count: 1, at: call.now,
                detail: "an event is a use of more features than are looked for in one")
        }
        return index
    }

    private static func seen(_ index: Int, _ isPageView: Bool, _ builder: borrowing EventBatchBuilder) -> SeenEvent {
        let properties = builder.withUTF8(of: .properties, at: index) { SeenEvent.properties($0) }
        return SeenEvent(
            isPageView: isPageView, eventName: builder.text(.eventName, at: index) ?? "",
            host: builder.text(.hostname, at: index) ?? "", path: builder.text(.pathname, at: index) ?? "",
            properties)
    }

    /// What a use has of the event that it was found in, besides time, source and interface.
    static let copied: [EventField] = [
        .userID, .companyID, .hostname, .pathname, .referrer, .operatingSystem, .browser, .browserLanguage, .userAgent,
        .deviceType, .countryCode, .session,
    ]

    private static func add(_ tag: String, like index: Int, _ call: EventCall, to builder: inout EventBatchBuilder) {
        builder.begin(.trackFeature, in: call.stream, like: index)
        builder.set(.eventName, to: tag)
        for field in copied {
            if let text = builder.text(field, at: index) { builder.set(field, to: text) }
        }
        // Told once however often the event is, and known again when the past is looked through.
        builder.set(.clientEventID, to: FoundUse.id(of: tag, in: builder.text(.clientEventID, at: index)))
        builder.finish(in: call.stream)
    }
}
