import JSON
import People
import Text

/// The fields that the vendor's users or accounts have, and where a profile has their values.
///
/// A profile is one flat object for all interfaces. A field of the vendor's is the property of its name, all other properties
/// are custom attributes. A custom attribute that is called like a field has a name of its own in the profile.
struct ProfileFields: Sendable {
    /// How the interface shows a field, also where nothing is known.
    enum Kind: Sendable {
        /// `""` when unknown.
        case text
        /// 0 when unknown.
        case integer
        case number
        /// Milliseconds since the epoch, 0 when unknown; texts in ISO 8601 are understood.
        case time
        case boolean
        /// An array of texts.
        case texts
        /// An object, null when unknown.
        case object
    }

    struct Field: Sendable {
        let name: String
        let kind: Kind
        /// Other properties that say it, where the field's own is not there.
        var alternatives: [String] = []
        /// Whether clients may set it.
        var isWritable = true
        /// What is shown when nothing is known, instead of the kind's own.
        var unknown: JSONValue?
    }

    let fields: [Field]
    private let byName: [ClientText: Field]

    init(_ fields: [Field]) {
        self.fields = fields
        byName = fields.reduce(into: [:]) { $0[ClientText($1.name)] = $1 }
    }

    subscript(name: String) -> Field? { byName[ClientText(name)] }

    private static let attributePrefix = "customAttributes."

    /// The property under which a profile has a custom attribute.
    func property(ofAttribute name: String) -> String {
        self[name] == nil && !name.hasBytePrefix(Self.attributePrefix) ? name : Self.attributePrefix + name
    }

    /// The custom attribute that a property is; nil for what is a field.
    func attribute(ofProperty key: String) -> String? {
        if key.hasBytePrefix(Self.attributePrefix) {
            return String(Substring(key.utf8.dropFirst(Self.attributePrefix.utf8.count)))
        }
        return self[key] == nil ? key : nil
    }
}

extension ProfileFields {
    /// What a person prefers to see; kept in the profile, and shown by operations of its own.
    static let preferences = "preferences"

    /// What a location has (contract schema `Location`). The vendor's data loader looks for these names without `location.`.
    static let locationParts: [(name: String, kind: Kind)] =
        ["countryName", "countryCode", "stateName", "stateCode", "city", "street", "postalCode", "continent"]
        .map { ($0, .text) }
        + [("regionName", .text), ("timeZone", .text)]
        + [("coordinates.latitude", .number), ("coordinates.longitude", .number)]

    static let user = ProfileFields([
        Field(name: "aptrinsicId", kind: .text, isWritable: false),
        Field(name: "identifyId", kind: .text, isWritable: false),
        Field(name: "id", kind: .text, isWritable: false),
        Field(name: "type", kind: .text, unknown: "USER"),
        Field(name: "gender", kind: .text, unknown: "EMPTY_GENDER"),
        Field(name: "email", kind: .text), Field(name: "firstName", kind: .text), Field(name: "lastName", kind: .text),
        Field(name: "title", kind: .text), Field(name: "phone", kind: .text), Field(name: "score", kind: .integer),
        Field(name: "role", kind: .text), Field(name: "accountId", kind: .text, isWritable: false),
        Field(name: "numberOfVisits", kind: .integer, isWritable: false),
        Field(name: "lastSeenDate", kind: .time), Field(name: "firstVisitDate", kind: .time),
        Field(name: "signUpDate", kind: .time, alternatives: ["created_at", "signed_up_at", "createdAt"]),
        Field(name: "subscriptionId", kind: .text), Field(name: "location", kind: .object),
        Field(name: "propertyKeys", kind: .texts),
        Field(name: "createDate", kind: .time, isWritable: false),
        Field(name: "lastModifiedDate", kind: .time, isWritable: false),
        Field(name: "globalUnsubscribe", kind: .boolean), Field(name: "sfdcContactId", kind: .text),
        Field(name: "channelMetricList", kind: .object, isWritable: false, unknown: []),
        Field(name: "lastVisitedUserAgentData", kind: .object, isWritable: false),
        Field(name: "lastInferredLocation", kind: .object, isWritable: false),
        Field(name: "globalId", kind: .text, isWritable: false),
        Field(name: preferences, kind: .object, isWritable: false),
        Field(name: "customAttributes", kind: .object, isWritable: false),
    ])

    static let account = ProfileFields([
        Field(name: "id", kind: .text, isWritable: false), Field(name: "name", kind: .text),
        Field(name: "trackedSubscriptionId", kind: .text), Field(name: "sfdcId", kind: .text),
        Field(name: "lastSeenDate", kind: .time), Field(name: "dupisBuyer", kind: .boolean),
        Field(name: "numberOfUsers", kind: .integer, isWritable: false),
        Field(name: "numberOfVisits", kind: .integer, isWritable: false), Field(name: "plan", kind: .text),
        Field(name: "dunsNumber", kind: .text), Field(name: "industry", kind: .text),
        Field(name: "numberOfEmployees", kind: .integer), Field(name: "sicCode", kind: .text),
        Field(name: "website", kind: .text), Field(name: "naicsCode", kind: .text),
        Field(name: "location", kind: .object), Field(name: "propertyKeys", kind: .texts),
        Field(name: "createDate", kind: .time, isWritable: false),
        Field(name: "lastModifiedDate", kind: .time, isWritable: false),
        Field(name: "parentGroupId", kind: .text), Field(name: "renewalDate", kind: .time),
        Field(name: "healthScore", kind: .integer), Field(name: "gsId", kind: .text), Field(name: "nps", kind: .number),
        Field(name: "csm", kind: .text), Field(name: "customAttributes", kind: .object, isWritable: false),
    ])
}
