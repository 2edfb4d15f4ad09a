public import EventStore
public import JSON

/// Knows which features an event is a use of.
public protocol SoughtFeatures: Sendable {
    func looks(in environmentID: Int64) -> Bool
    /// - Parameter property: a text among the event's properties.
    func tags(
        isPageView: Bool, eventName: String, host: String, path: String, environmentID: Int64,
        property: (String) -> String?
    ) -> [String]
}

/// A form whose page views and custom events bring events of the features that they are a use of.
public struct FeatureForm: EventForm {
    private let form: any EventForm
    private let features: any SoughtFeatures

    public init(_ form: any EventForm, features: any SoughtFeatures) {
        self.form = form
        self.features = features
    }

    @discardableResult
    public func decode(
        _ object: JSONNode, _ call: EventCall, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let index = try form.decode(object, call, derivedEventID: derivedEventID, into: &builder)
        guard features.looks(in: call.stream.environmentID) else { return index }
        let type = builder.type(at: index)
        guard type == .pageView || type == .track else { return index }
        let tags = features.tags(
            isPageView: type == .pageView, eventName: builder.text(.eventName, at: index) ?? "",
            host: builder.text(.hostname, at: index) ?? "", path: builder.text(.pathname, at: index) ?? "",
            environmentID: call.stream.environmentID
        ) { [properties = builder.text(.properties, at: index)] name in
            properties.flatMap { try? JSONValue(stored: $0) }?[name]?.string
        }
        for tag in tags { Self.add(tag, like: index, call, to: &builder) }
        return index
    }

    private static let copied: [EventField] = [
        .userID, .companyID, .hostname, .pathname, .referrer, .operatingSystem, .browser, .browserLanguage, .userAgent,
        .deviceType, .countryCode, .session,
    ]

    private static func add(_ tag: String, like index: Int, _ call: EventCall, to builder: inout EventBatchBuilder) {
        builder.begin(.trackFeature, in: call.stream, like: index)
        builder.set(.eventName, to: tag)
        for field in copied {
            if let text = builder.text(field, at: index) { builder.set(field, to: text) }
        }
        // Told once however often the event is.
        if let id = builder.text(.clientEventID, at: index) {
            builder.set(.clientEventID, to: "feature \(tag) of \(id)")
        }
        builder.finish(in: call.stream)
    }
}
