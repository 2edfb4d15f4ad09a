import EventStore
import Events
import JSON
import Time

/// Turns one event object into a row of a batch, or says what is wrong with it.
///
/// There is one way in for every event: live calls, batches and imported files differ only in their defaults. Where the
/// endpoint says the type, a member called `event_type` means nothing.
struct EventDecoder {
    let call: EventCall

    private var stream: EventStream { call.stream }
    private var surface: EventSurface { call.surface }
    private var now: Timestamp { call.now }
    private var limits: IngestionLimits { call.limits }

    init(_ call: EventCall) {
        self.call = call
    }

    /// Adds the event to the batch, after the identify_company event that its company's own properties make, if any.
    /// - Parameter derivedEventID: the id for deduplication when the event carries none.
    /// - Returns: the index of the event's own row.
    /// - Throws: `EventRejection`, with the batch as it was.
    @discardableResult
    func decode(
        _ object: JSONNode, derivedEventID: String?, into builder: inout EventBatchBuilder
    ) throws(EventRejection) -> Int {
        let countBefore = builder.count
        do throws(EventRejection) {
            try addRows(of: object, derivedEventID: derivedEventID, to: &builder)
        } catch {
            builder.discard(downTo: countBefore)
            throw error
        }
        return builder.count - 1
    }

    private func addRows(
        of object: JSONNode, derivedEventID: String?, to builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        guard object.kind == .object else {
            throw EventRejection(.wrongType, field: "", "An event must be an object, got \(object.kind.phrase).")
        }
        let members = EventMembers(of: object)
        let type = try self.type(of: members)
        let source = try self.source(of: members)
        let occurredAt = try time(of: members)
        let company = try CompanyReference(members, limits: limits)
        if type == .identifyUser, let company {
            try addCompanyRow(company, members, source, occurredAt, derived: derivedEventID, to: &builder)
        }
        builder.begin(type, in: stream, source: source, surface: surface, occurredAt: occurredAt)
        try setIdentity(members, type: type, company: company, in: &builder)
        try setDevice(members, in: &builder)
        try setProperties(members, type: type, in: &builder)
        try setEventID(members, derived: derivedEventID, in: &builder)
        builder.finish(in: stream)
    }

    /// A user's `company` may bring the company's own properties along; they become an event of the company.
    private func addCompanyRow(
        _ company: CompanyReference, _ members: borrowing EventMembers, _ source: EventSource, _ occurredAt: Timestamp,
        derived: String?, to builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        guard let properties = try company.properties() else { return }
        let shape = try PropertiesCheck.shape(of: properties, limits: limits, maximumBytes: nil, field: "company")
        builder.begin(.identifyCompany, in: stream, source: source, surface: surface, occurredAt: occurredAt)
        company.id.withUTF8 { builder.set(.companyID, to: $0) }
        builder.setPropertyShape(shape)
        properties.withRawText { builder.set(.properties, to: $0) }
        if let eventID = members[.clientEventID]?.string ?? members[.eventID]?.string ?? derived {
            builder.set(.clientEventID, to: "company of \(eventID)")
        }
        builder.finish(in: stream)
    }

    private func type(of members: borrowing EventMembers) throws(EventRejection) -> EventType {
        let defaultType: EventType?
        switch call.typeRule {
        case .fixed(let type): return type
        case .named(let type): defaultType = type
        }
        guard let node = members[.eventType] else {
            if let defaultType { return defaultType }
            throw EventRejection(.missingField, field: "event_type", "event_type is required.")
        }
        let text = try EventText.text(node, "event_type", limits)
        guard let type = EventType(name: text) else {
            let names = EventType.allCases.map(\.name).joined(separator: ", ")
            throw EventRejection(.unknownValue, field: "event_type", "event_type must be one of \(names).")
        }
        return type
    }

    private func source(of members: borrowing EventMembers) throws(EventRejection) -> EventSource {
        guard let node = members[.source] else {
            if let source = call.defaultSource { return source }
            throw EventRejection(.missingField, field: "source", "source is required.")
        }
        let text = try EventText.text(node, "source", limits)
        guard let source = EventSource(name: text) else {
            let names = EventSource.allCases.map(\.name).joined(separator: ", ")
            throw EventRejection(.unknownValue, field: "source", "source must be one of \(names).")
        }
        return source
    }

    private func time(of members: borrowing EventMembers) throws(EventRejection) -> Timestamp {
        guard let node = members[.time] ?? members[.timestamp] else { return now }
        let field = members[.time] != nil ? "inserted_at" : "timestamp"
        guard node.kind == .string else {
            throw EventRejection(
                .wrongType, field: field, "\(field) must be an ISO 8601 time as a string, got \(node.kind.phrase).")
        }
        guard let time = node.withUTF8({ Timestamp(utf8: $0) }) else {
            throw EventRejection(
                .timestampMalformed, field: field,
                "\(field) must be an ISO 8601 time such as 2025-05-11T07:45:30.123456Z.")
        }
        try call.check(time, field: field)
        return time
    }

    private func setIdentity(
        _ members: borrowing EventMembers, type: EventType, company: CompanyReference?,
        in builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        switch type {
        case .track, .trackFeature, .interaction:
            guard let name = members[.eventName] else {
                throw EventRejection(
                    .missingField, field: "event_name", "event_name is required for \(type.name) events.")
            }
            try EventText.copy(name, "event_name", to: .eventName, in: &builder, limits)
        case .identifyUser, .identifyCompany, .pageView, .sessionStart:
            // These have no name; exported rows carry an empty one, which is welcome back.
            break
        }
        if type == .identifyCompany {
            guard company != nil else {
                throw EventRejection(
                    .missingField, field: "company_id", "company_id is required for identify_company events.")
            }
        } else if members[.userID] == nil {
            throw EventRejection(.missingField, field: "user_id", "user_id is required for \(type.name) events.")
        }
        if let user = members[.userID], !(type == .identifyCompany && user.isString("")) {
            try EventText.copy(user, "user_id", to: .userID, in: &builder, limits)
        }
        if let company {
            company.id.withUTF8 { builder.set(.companyID, to: $0) }
        } else if type == .identifyUser, CompanyReference.leaves(members) {
            // Absent would leave the user where they are.
            builder.set(.companyID, to: "")
        }
    }

    private func setProperties(
        _ members: borrowing EventMembers, type: EventType, in builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        guard let object = members[.properties], object.kind == .object || !object.isVoid else { return }
        let isProfile = type == .identifyUser || type == .identifyCompany
        let shape = try PropertiesCheck.shape(
            of: object, limits: limits, maximumBytes: isProfile ? nil : limits.eventPropertiesBytes, field: "metadata")
        builder.setPropertyShape(shape)
        object.withRawText { builder.set(.properties, to: $0) }
    }

    private func setEventID(
        _ members: borrowing EventMembers, derived: String?, in builder: inout EventBatchBuilder
    ) throws(EventRejection) {
        // In an exported row, the one is the client's id and the other the server's own.
        if let id = members[.clientEventID], !id.isString("") {
            try EventText.copyOptional(
                id, "client_event_id", to: .clientEventID, in: &builder, maximum: limits.clientEventIDLength)
        } else if let id = members[.eventID] {
            try EventText.copy(id, "event_id", to: .clientEventID, in: &builder, limits)
        } else if let derived {
            builder.set(.clientEventID, to: derived)
        }
    }
}
