package import GRDB
package import JSON

extension ResourceService {
    /// What visitors do, as far as resources show it.
    public struct Activity: Sendable {
        /// How often each goal of a project was reached in the last 48 hours.
        package let recentConversions: @Sendable (_ projectID: Int64) async throws -> [Int64: Int]
        /// How many visitors each experience of a project has had.
        package let experienceTraffic: @Sendable (_ projectID: Int64) async throws -> [Int64: ExperienceTraffic]
        /// Told, in the transaction, of an experience about to go: what visitors did in it is to be removed.
        package let forget: @Sendable (_ experienceID: Int64, _ projectID: Int64, Database) throws -> Void
        /// What to show of how far the pictures of variations are: experience to its variations, in order.
        package let screenshots: @Sendable (_ variations: [Int64: [Int64]], Database) throws -> [Int64: [JSONValue]]

        package init(
            recentConversions: @escaping @Sendable (_ projectID: Int64) async throws -> [Int64: Int],
            experienceTraffic: @escaping @Sendable (_ projectID: Int64) async throws -> [Int64: ExperienceTraffic],
            forget: @escaping @Sendable (_ experienceID: Int64, _ projectID: Int64, Database) throws -> Void,
            screenshots:
                @escaping @Sendable (_ variations: [Int64: [Int64]], Database) throws -> [Int64: [JSONValue]]
        ) {
            self.recentConversions = recentConversions
            self.experienceTraffic = experienceTraffic
            self.forget = forget
            self.screenshots = screenshots
        }
    }
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
