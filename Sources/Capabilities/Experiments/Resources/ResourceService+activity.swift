package import ControlStore
package import JSON
package import Time

extension ResourceService {
    /// The other rooms that know what visitors do, as far as resources show it.
    package struct Activity: Sendable {
        package let goals: any GoalCounts
        package let experiences: any ExperienceTrafficCounts
        package let events: any ExperienceEventRemoval
        package let screenshots: any ScreenshotProgress
        package let results: any ExperienceResults

        package init(
            goals: any GoalCounts, experiences: any ExperienceTrafficCounts, events: any ExperienceEventRemoval,
            screenshots: any ScreenshotProgress, results: any ExperienceResults
        ) {
            self.goals = goals
            self.experiences = experiences
            self.events = events
            self.screenshots = screenshots
            self.results = results
        }
    }

    /// How often each goal of a project was reached in the last 48 hours.
    func recentConversions(projectID: Int64) async throws -> [Int64: Int] {
        let since = clock.now.adding(seconds: -Self.recentSeconds)
        return try await activity.goals.goalCounts(projectID: projectID, since: since)
    }

    private static let recentSeconds: Int64 = 48 * 3_600
}

/// How often goals are reached. Answered by the log.
package protocol GoalCounts: Sendable {
    /// How often each goal of a project was reached since a time.
    func goalCounts(projectID: Int64, since: Timestamp) async throws -> [Int64: Int]
}

/// How many visitors experiences have. Answered by the room that counts them.
package protocol ExperienceTrafficCounts: Sendable {
    /// Those of a project, by the experience's id; one without visitors may be missing.
    func experienceTraffic(projectID: Int64) async throws -> [Int64: ExperienceTraffic]
}

/// Removes what visitors did in an experience. Answered by the room that deletes events.
package protocol ExperienceEventRemoval: Sendable {
    /// Told in the transaction that deletes an experience, before it does.
    func schedule(experience: Int64, project: Int64, in database: Database) throws
}

/// How far the pictures of variations are. Answered by the room that takes them.
package protocol ScreenshotProgress: Sendable {
    /// What experiences show of it.
    /// - Parameter variations: experience to its variations, in order.
    func shown(of variations: [Int64: [Int64]], in database: Database) throws -> [Int64: [JSONValue]]
}

/// How experiences stand. Answered by the room that evaluates them.
package protocol ExperienceResults: Sendable {
    /// What lists show (contract schema `ExperienceExtended`, member `stats`), by experience; those that nothing is known of are
    /// missing.
    /// - Parameter goal: by which goal; nil for each experience's primary one.
    func shown(of experiences: [Int64], goal: Int64?, in database: Database) throws -> [Int64: JSONValue]

    /// What lists sort by: how often the goal was reached, and the best improvement in percent, by experience.
    func sorted(
        _ sort: ExperienceResultSort, projectIDs: [Int64], goal: Int64?, in database: Database
    ) throws -> [Int64: Double]
}

/// By which result lists of experiences are sorted.
package enum ExperienceResultSort: String, Sendable {
    case conversions
    case improvement
}

/// How many visitors an experience has had, and how often they reached a goal.
public struct ExperienceTraffic: Sendable {
    public var visitors: Int64 = 0
    public var conversions: Int64 = 0

    public init(visitors: Int64 = 0, conversions: Int64 = 0) {
        self.visitors = visitors
        self.conversions = conversions
    }
}
