package import ControlStore
import Experiences
package import Identity
package import JSON
package import Projects
package import Resources
import Schema
package import Synchronization
package import TestSupport
import Time

/// A control store with one account that has a web and a fullstack project, and the engine over it.
package struct ExperimentsRig {
    package let folder: TemporaryFolder
    package let store: ControlStore
    package let masterKey: MasterKey
    package let hand = HandClock()
    /// The environments whose data was to be removed.
    package let removed = Removed()
    /// The experiences whose data was to be removed.
    package let forgotten = Removed()

    package init() throws {
        folder = try TemporaryFolder()
        store = try ControlStore(path: folder.file("control.sqlite"), migrations: ControlSchema.migrations)
        masterKey = try MasterKey.load(orCreateAt: folder.file("master.key"))
        try store.blockingWrite { database in
            try database.run(
                script: """
                    INSERT INTO accounts (id, name, created_at) VALUES (1, 'a', 0);
                    INSERT INTO projects (id, account_id, name, type, created_at)
                        VALUES (1, 1, 'web', 'web', 0), (2, 1, 'fullstack', 'fullstack', 0);
                    INSERT INTO environments (project_id, app_token, name, is_default, created_at)
                        VALUES (1, 'NX-1', 'production', 1, 0), (2, 'NX-2', 'production', 1, 0);
                    """)
        }
    }

    package func service(
        conversions: [Int64: Int] = [:], traffic: [Int64: ExperienceTraffic] = [:]
    ) -> ResourceService {
        ResourceService(
            store: store, clock: hand.clock, descriptions: ResourceDescription.all,
            activity: ResourceService.Activity(
                goals: FixedGoalCounts(counts: conversions), experiences: FixedTraffic(traffic: traffic),
                events: forgotten, screenshots: NoScreenshots(), results: NoResults()))
    }

    package var projects: ProjectService {
        ProjectService(
            store: store, masterKey: masterKey, resources: service(), clock: hand.clock,
            contents: removed, keys: NoKeys())
    }

    /// Notes whose contents are to be removed: environments, or experiences.
    package final class Removed: EnvironmentRemovalScheduling, ExperienceEventRemoval {
        package let ids = Mutex<[Int64]>([])

        package func schedule(environments: [Int64], project: Int64?, in database: Database) {
            ids.withLock { $0 += environments }
        }

        package func schedule(experience: Int64, project: Int64, in database: Database) {
            ids.withLock { $0.append(experience) }
        }
    }

    private struct FixedGoalCounts: GoalCounts {
        let counts: [Int64: Int]

        func goalCounts(projectID: Int64, since: Timestamp) -> [Int64: Int] { counts }
    }

    private struct FixedTraffic: ExperienceTrafficCounts {
        let traffic: [Int64: ExperienceTraffic]

        func experienceTraffic(projectID: Int64) -> [Int64: ExperienceTraffic] { traffic }
    }

    private struct NoScreenshots: ScreenshotProgress {
        func shown(of variations: [Int64: [Int64]], in database: Database) -> [Int64: [JSONValue]] { [:] }
    }

    private struct NoResults: ExperienceResults {
        func shown(of experiences: [Int64], goal: Int64?, in database: Database) throws -> [Int64: JSONValue] { [:] }

        func sorted(
            _ sort: ExperienceResultSort, projectIDs: [Int64], goal: Int64?, in database: Database
        ) throws -> [Int64: Double] { [:] }
    }

    private struct NoKeys: ProjectKeys {
        func remove(projectID: Int64) {}
    }

    package var history: ChangeHistory { ChangeHistory(store: store, clock: hand.clock) }

    package func scope(_ type: ProjectType = .web) -> ResourceScope {
        let id: Int64 = type == .web ? 1 : 2
        return ResourceScope(
            project: Project(id: id, accountID: 1, name: type.rawValue, type: type, createdAt: HandClock.start),
            author: ChangeAuthor(name: "key", method: .api, requestID: "r"), role: .owner)
    }

    /// Adds a resource and returns its id.
    package func add(
        _ description: ResourceDescription, _ body: JSONValue, _ type: ProjectType = .web
    ) async throws -> Int64 {
        try await service().add(description, body.object ?? JSONObject(), scope(type))["id"]?.int64 ?? 0
    }

    /// An experience that uses these resources.
    package func addExperience(_ name: String, status: String, using ids: [Int64]) async throws -> Int64 {
        try await store.write { database in
            let id = try database.insert(
                sql: """
                    INSERT INTO resources (
                        project_id, kind, name, status, document, search_text, created_by, created_at, updated_at)
                    VALUES (1, 'experience', ?, ?, '{}', '', 'k', 0, 0)
                    """,
                arguments: [name, status])
            for target in ids {
                try database.execute(
                    sql: """
                        INSERT INTO resource_references (resource_id, field, target_id, position)
                        VALUES (?, 'goals', ?, 0)
                        """,
                    arguments: [id, target])
            }
            return id
        }
    }

    /// The names of a list, in its order.
    package func names(
        _ description: ResourceDescription, _ request: JSONValue = [:], conversions: [Int64: Int] = [:]
    ) async throws -> [String] {
        let page = try await service(conversions: conversions).list(
            description, ListRequest(request.object), scope())
        return page.items?.compactMap { $0["name"]?.string } ?? []
    }
}
