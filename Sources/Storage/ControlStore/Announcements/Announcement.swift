public import JSON
public import Time

/// Something that happened in an environment and is no event of its log: what became of experiences, and of exports.
///
/// It is written in the transaction of what it tells of, so that neither is there without the other. Whoever follows
/// announcements keeps the id of the last that was dealt with: ids rise, and none is given out twice.
public struct Announcement: Sendable, Equatable, Identifiable {
    /// What can happen. The names are those of subscriptions.
    public enum Kind: String, Sendable, CaseIterable {
        /// An experience runs from now on.
        case experienceStarted = "EXPERIENCE_STARTED"
        /// One that ran was paused, completed, archived or deleted.
        case experienceStopped = "EXPERIENCE_STOPPED"
        /// A variation is better, or worse, than the baseline by the primary goal; once for each.
        case experienceSignificant = "EXPERIENCE_SIGNIFICANT"
        /// Visitors are shared out otherwise than they were to be (sample ratio mismatch).
        case experienceMismatch = "EXPERIENCE_SRM"
        /// An export has ended, be it that it failed.
        case exportFinished = "EXPORT_FINISHED"
    }

    public let id: Int64
    public let environmentID: Int64
    public let kind: Kind
    /// Names no people.
    public let content: JSONObject
    public let createdAt: Timestamp

    /// Seconds for which announcements are kept.
    public static let keptSeconds: Int64 = 30 * 86_400

    init(row: Row) throws {
        let name: String = try row.read("kind")
        guard let kind = Kind(rawValue: name) else {
            throw StoreError.refused(reason: "an announcement of the unknown kind \(name)")
        }
        self.kind = kind
        id = try row.read("id")
        environmentID = try row.read("environment_id")
        content = try JSONValue(stored: row.read("content", as: String.self)).object ?? JSONObject()
        createdAt = try row.read("created_at")
    }
}
