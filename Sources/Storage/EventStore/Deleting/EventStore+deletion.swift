import DuckDB
import Time

/// Whose events are to go.
public enum DeletionSubject: String, Sendable {
    case users
    case companies

    var column: String {
        switch self {
        case .users: "user_id"
        case .companies: "company_id"
        }
    }
}

extension EventStore {
    /// Removes the events of users or companies, and experiment events of visitors: no query finds them afterwards, and
    /// ``erase()`` takes what they held off the disk.
    /// - Parameters:
    ///   - gone: who goes, each with the events up to a position, so that whoever comes back after the deletion was asked for
    ///     stays; no id twice.
    ///   - visitors: whose experiment events go: those that were received by the time of the position, as some get their ids
    ///     later.
    /// - Returns: how many events were removed.
    public func deleteEvents(
        of subject: DeletionSubject, _ gone: [DeletedSubjects], visitors: [DeletedSubjects] = [], environmentID: Int64
    ) async throws -> Int {
        try await deleting(from: visitors.isEmpty ? .noExperiment : .environment(environmentID)) { connection in
            if !visitors.isEmpty {
                let hasPassed = [DeletedSubjects].rowCondition(
                    "visitor_id", pairsAt: 2, type: "BIGINT", "epoch_us(received_at) <= gone_end")
                try Self.deleteExposures(
                    where: "environment_id = $1 AND \(hasPassed)", [.int64(environmentID)] + visitors.timePairs,
                    connection)
            }
            let hasPassed = [DeletedSubjects].rowCondition(
                subject.column, pairsAt: 2,
                // A use that was found later goes with the event that it was found in.
                "event_id <= gone_end OR (\(FoundUse.rowCondition(laterIn: "gone_end")))")
            return try Self.deleteEvents(
                where: "environment_id = $1 AND \(hasPassed)", [.int64(environmentID)] + gone.pairs, connection)
        }
    }

    /// The same up to one position.
    public func deleteEvents(
        of subject: DeletionSubject, ids: [String], visitors: [String] = [], environmentID: Int64,
        upTo end: LogPosition
    ) async throws -> Int {
        try await deleteEvents(
            of: subject, [DeletedSubjects(ids, upTo: end)],
            visitors: visitors.isEmpty ? [] : [DeletedSubjects(visitors, upTo: end)], environmentID: environmentID)
    }

    /// Removes all events of an environment, in the same way.
    /// - Returns: how many events were removed.
    public func deleteEvents(environmentID: Int64) async throws -> Int {
        try await deleting(from: .environment(environmentID)) { connection in
            let values: [Value] = [.int64(environmentID)]
            try Self.deleteExposures(where: "environment_id = $1", values, connection)
            return try Self.deleteEvents(where: "environment_id = $1", values, connection)
        }
    }

    /// Removes what visitors did in an experience, in the same way.
    public func deleteExposures(experienceID: Int64, projectID: Int64) async throws {
        try await deleting(from: .experiment(.init(projectID: projectID, experienceID: experienceID))) { connection in
            try Self.deleteExposures(
                where: "project_id = $1 AND experience_id = $2", [.int64(projectID), .int64(experienceID)],
                connection)
        }
    }

    /// Deletes in one transaction. Summaries that hold what is deleted are gone when it returns.
    func deleting<Result: Sendable>(
        from place: DeletionPlace, _ body: @escaping @Sendable (Connection) throws -> Result
    ) async throws -> Result {
        summaries?.noteDeletion(from: place)
        do {
            let result = try await upkeep.run { [self] connection in
                try foldInBesideWriters(on: connection)
                return try connection.transaction { try body(connection) }
            }
            summaries?.noteDeletion(from: place)
            try await dropOutdated(in: place)
            return result
        } catch {
            // It may have been committed all the same.
            summaries?.noteDeletion(from: place)
            throw error
        }
    }

    private static func deleteEvents(where condition: String, _ values: [Value], _ connection: Connection) throws -> Int
    {
        try EventLogMarks.keepReach(on: connection)
        return try DeletedBlocks.delete(from: EventTable.name, where: condition, values, on: connection)
    }

    private static func deleteExposures(where condition: String, _ values: [Value], _ connection: Connection) throws {
        _ = try DeletedBlocks.delete(from: ExposureTable.name, where: condition, values, on: connection)
    }
}
