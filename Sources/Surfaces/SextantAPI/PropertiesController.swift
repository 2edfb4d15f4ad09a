import Catalogue
import Gateway
import Identity
import JSON

/// `updateProperty`: what people see of a property that was learned.
struct PropertiesController: Sendable {
    let catalogue: CatalogueStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("updateProperty", allow: .manage, update)
    }

    private func update(_ key: EnvironmentKey, _ request: OperationRequest) async throws -> OperationResponse {
        let id = try request.pathID("property_id")
        let body = try request.json
        let changes = CatalogueChanges(
            displayName: body["display_name"]?.string, description: body["description"].map(\.string),
            isArchived: body["is_archived"]?.bool)
        guard try await catalogue.updateProperty(id, changes, environmentID: key.environmentID),
            let property = try await find(id, environmentID: key.environmentID)
        else { throw APIError.notFound("There is no property \(id) that can change.") }
        return .json(property)
    }

    private func find(_ id: Int64, environmentID: Int64) async throws -> JSONValue? {
        for (subject, type) in [(ProfileSubject.user, "user_property"), (.company, "company_property")] {
            let properties = try await catalogue.properties(of: subject, environmentID: environmentID)
            guard let property = properties.first(where: { $0.id == id }) else { continue }
            return [
                "id": .integer(id), "type": .string(type), "key": .string(property.key),
                "display_name": .string(property.displayName), "description": .text(property.description),
                "data_type": .string(property.dataType.name), "is_archived": .bool(property.isArchived),
            ]
        }
        let page = try await catalogue.eventProperties(environmentID: environmentID, after: id - 1, limit: 1).properties
        guard let property = page.first, property.id == id else { return nil }
        return [
            "id": .integer(id), "type": "event_property", "key": .string(property.key),
            "display_name": .string(property.displayName), "description": .text(property.description),
            "data_type": .string(property.dataType.name), "is_archived": .bool(property.isArchived),
        ]
    }
}
