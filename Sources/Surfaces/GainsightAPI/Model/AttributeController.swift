import Catalogue
import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import People
import Time

/// What users and accounts have: the fields of the interface, and the custom attributes that were seen so far.
struct AttributeController: Sendable {
    let catalogue: CatalogueStore
    /// Lets what was sent before the call take effect first.
    let feed: ProjectionFeed

    private static let patience = Duration.seconds(10)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listModelAttributes", allow: .readOfGainsight) { key, request in
            let isUser = try request.path("type") == "user"
            let fields: ProfileFields = isUser ? .user : .account
            try await feed.catchUp(within: Self.patience)
            let learned = try await catalogue.properties(
                of: isUser ? .user : .company, environmentID: key.environmentID)
            let own = fields.fields.filter { $0.kind != .object }.map(Self.json)
            let places = ProfileFields.locationParts.map { name, kind in
                Self.json(id: "location.\(name)", name: name, type: kind.typeName, origin: "DEFAULT")
            }
            let custom = learned.compactMap { property in
                fields.attribute(ofProperty: property.key).map { Self.json($0, property) }
            }
            return .json(.array(own + places + custom))
        }
    }

    private static func json(_ field: ProfileFields.Field) -> JSONValue {
        json(id: field.name, name: field.name, type: field.kind.typeName, origin: "DEFAULT")
    }

    private static func json(_ name: String, _ property: ProfileProperty) -> JSONValue {
        json(
            id: "\(property.id)", name: name, label: property.displayName, type: property.dataType.typeName,
            origin: "CUSTOM", description: property.description, state: property.isArchived ? "DISABLED" : "ENABLED",
            created: property.firstSeenAt, modified: property.lastSeenAt)
    }

    private static func json(
        id: String, name: String, label: String? = nil, type: String, origin: String, description: String? = nil,
        state: String = "ENABLED", created: Timestamp? = nil, modified: Timestamp? = nil
    ) -> JSONValue {
        [
            "id": .string(id), "name": .string(label ?? name), "apiName": .string(name),
            "internalName": .string(name), "description": .string(description ?? ""), "type": .string(type),
            "state": .string(state), "origin": .string(origin), "createdDate": .integer(created?.milliseconds ?? 0),
            "modifiedDate": .integer(modified?.milliseconds ?? 0), "defaultValue": "",
        ]
    }
}

extension ProfileFields.Kind {
    /// What the interface calls the kind.
    fileprivate var typeName: String {
        switch self {
        case .text, .texts, .object: "STRING"
        case .integer, .number: "NUMBER"
        case .time: "DATE_TIME"
        case .boolean: "BOOLEAN"
        }
    }
}

extension PropertyType {
    fileprivate var typeName: String {
        switch self {
        case .string, .list, .object, .null: "STRING"
        case .number: "NUMBER"
        case .date: "DATE_TIME"
        case .boolean: "BOOLEAN"
        }
    }
}
