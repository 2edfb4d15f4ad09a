import Gateway
import HTTPTypes
import Identity
import JSON

/// What a key opens: its project, with the public keys of its environments.
struct SubscriptionDetailController: Sendable {
    let environments: EnvironmentStore

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("getSubscriptionDetail", allow: .readOfGainsight) { key, _ in
            let projects = try await environments.projects(accountID: key.accountID)
            guard let project = projects.first(where: { $0.id == key.projectID }) else {
                throw APIError.notFound("There is no project \(key.projectID).")
            }
            let known = try await environments.environments(projectID: project.id, accountID: key.accountID)
            let keys = known.map { environment -> JSONValue in
                ["channel": .string(environment.name), "productKey": .string(environment.appToken), "url": ""]
            }
            return .json([
                "id": .string("\(key.accountID)"), "name": .string(project.name), "iconUrl": "", "timeZone": "UTC",
                "website": "", "description": "",
                "products": [
                    ["name": .string(project.name), "description": "", "productKeys": .array(keys)]
                ],
            ])
        }
    }
}
