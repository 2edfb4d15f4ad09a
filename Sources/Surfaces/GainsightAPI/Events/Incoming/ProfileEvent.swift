import EventStore
import Events
import JSON

/// What a client says of a user or an account, as an identify event: `UserPatch` and `AccountPatch` of the contract.
struct ProfileEvent {
    enum Subject {
        case user
        case account

        var fields: ProfileFields {
            switch self {
            case .user: .user
            case .account: .account
            }
        }

        var idName: StaticString {
            switch self {
            case .user: "identifyId"
            case .account: "id"
            }
        }
    }

    private let call: EventCall
    private let subject: Subject
    private let object: JSONNode

    init(_ call: EventCall, _ subject: Subject, _ object: JSONNode) {
        self.call = call
        self.subject = subject
        self.object = object
    }

    /// Begins the event and fills it in.
    func add(to builder: inout EventBatchBuilder) throws(EventRejection) {
        builder.begin(
            subject == .user ? .identifyUser : .identifyCompany, in: call.stream,
            source: call.defaultSource ?? .backendHTTP, surface: call.surface, occurredAt: call.now)
        guard let id = object[subject.idName.description] else {
            throw EventRejection(.missingField, field: subject.idName.description, "\(subject.idName) is required.")
        }
        try EventText.copy(id, subject.idName, to: subject == .user ? .userID : .companyID, in: &builder, call.limits)
        if subject == .user, let account = object["accountId"] {
            // Null and empty take the user out of their account; absent leaves them there.
            if account.isNull || account.isString("") {
                builder.set(.companyID, to: "")
            } else {
                try EventText.copy(account, "accountId", to: .companyID, in: &builder, call.limits)
            }
        }
        try setProperties(in: &builder)
    }

    private func setProperties(in builder: inout EventBatchBuilder) throws(EventRejection) {
        let properties = try Self.properties(of: object, subject)
        guard !properties.isEmpty else { return }
        try EventProperties(properties, field: "customAttributes").set(in: &builder, call.limits, maximumBytes: nil)
    }

    /// What of a body is properties of a profile: fields under their own names, custom attributes and what is no field beside
    /// them.
    static func properties(of object: JSONNode, _ subject: Subject) throws(EventRejection) -> JSONObject {
        let fields = subject.fields
        var properties = JSONObject()
        for member in object.members {
            if let field = fields[member.key] {
                if field.isWritable { properties[field.name] = field.kind.stored(member.value.value) }
            } else {
                properties[fields.property(ofAttribute: member.key)] = member.value.value
            }
        }
        if let preferences = object[ProfileFields.preferences], subject == .user {
            properties[ProfileFields.preferences] = preferences.value
        }
        if let attributes = object["customAttributes"], !attributes.isNull {
            guard attributes.kind == .object else {
                throw EventRejection(
                    .wrongType, field: "customAttributes",
                    "customAttributes must be an object of attributes, got \(attributes.kind.phrase).")
            }
            for member in attributes.members {
                properties[fields.property(ofAttribute: member.key)] = member.value.value
            }
        }
        return properties
    }
}
