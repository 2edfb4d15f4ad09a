import DuckDB
import Logging
import Time

extension EventStore {
    /// Runs a report's statement over the summary of its experience where there is one that can answer, else over the log.
    func report<Result: Sendable>(
        _ query: ExperimentQuery, _ read: @escaping @Sendable (ExperimentSQL, Connection) throws -> Result
    ) async throws -> Result {
        try await reporting(of: query.projectID) { [self] connection in
            if let summaries, let result = try readSummary(query, summaries, connection, read) { return result }
            let started = ContinuousClock.now
            let result = try read(ExperimentSQL(query), connection)
            summaries?.noteScan(of: query.key, took: started.duration(to: .now))
            return result
        }
    }

    /// - Returns: nil where the log has to be read.
    private func readSummary<Result>(
        _ query: ExperimentQuery, _ summaries: ExperimentSummaries, _ connection: Connection,
        _ read: (ExperimentSQL, Connection) throws -> Result
    ) throws -> Result? {
        // What was seen before a time that has passed is not known of those who saw more afterwards.
        guard let summary = summaries.summary(of: query.key), query.end > summary.content.latest else { return nil }
        do {
            let moment = summary.moment(history)
            guard try isRight(summary, at: moment, on: connection) else {
                summaries.drop(summary)
                return nil
            }
            let result = try read(ExperimentSQL(query, summary: summary), connection)
            // What a deletion has left of the log does not go with what there was before.
            guard summary.moment(history).deletions == moment.deletions else { return nil }
            summaries.noteUse(of: summary, newRows: try newRows(behind: summary, connection))
            return result
        } catch {
            if (error as? DuckDBError)?.kind == .interrupted { throw error }
            if summaries.drop(summary) {
                logger.warning(
                    "a summary of an experience cannot be read and is given up",
                    metadata: ["experience": "\(query.experienceID)", "reason": "\(error)"])
            }
            return nil
        }
    }

    /// Whether a summary holds what the log holds up to its position.
    private func isRight(
        _ summary: ExperimentSummary, at moment: ExperimentSummary.Moment, on connection: Connection
    ) throws -> Bool {
        if summary.isVerified(at: moment) { return true }
        guard summary.isIntact else { return false }
        let content = summary.content
        let rows = try connection.query(
            """
            SELECT \(ExperimentSummary.Check.selection) FROM \(ExposureTable.name)
            WHERE \(content.key.scope) AND \(content.within)
            """)
        defer { rows.close() }
        guard let chunk = try rows.next(), let count = try chunk.int64(0, 0), let sum = try chunk.string(1, 0),
            ExperimentSummary.Check(rows: Int(count), sum: sum) == content.check
        else { return false }
        summary.noteVerified(at: moment)
        return true
    }

    private func newRows(behind summary: ExperimentSummary, _ connection: Connection) throws -> Int {
        let rows = try connection.query(
            """
            SELECT count(*) FROM \(ExposureTable.name)
            WHERE \(summary.content.key.scope) AND \(summary.content.behind)
            """)
        defer { rows.close() }
        return Int(try rows.next()?.int64(0, 0) ?? 0)
    }
}

// MARK: making them
extension EventStore {
    private static let lookMilliseconds = 200
    /// Of the turns of reports: one that no project is.
    private static let builder: Int64 = -1

    /// Makes the summaries that reports would have needed, one after the other, until the task is cancelled.
    func summarizeUntilCancelled() async {
        while !Task.isCancelled {
            try? await Task.sleep(for: .milliseconds(Self.lookMilliseconds))
            await summarizeWanted()
        }
    }

    /// Makes those that are wanted by now.
    func summarizeWanted() async {
        guard let summaries else { return }
        while !Task.isCancelled, let next = summaries.next() {
            do {
                try await summaries.builds.run { try await summarize(next.key, next.generation, summaries) }
            } catch {
                if Task.isCancelled { return }
                summaries.refuse(next.key)
                logger.warning(
                    "an experience could not be summarized",
                    metadata: ["experience": "\(next.key.experienceID)", "reason": "\(error)"])
            }
        }
    }

    private func summarize(
        _ key: ExperimentSummary.Key, _ generation: Int, _ summaries: ExperimentSummaries
    ) async throws {
        let deletions = summaries.deletions
        let summary = try await reporting(of: Self.builder) { [self] connection -> ExperimentSummary? in
            let moment = ExperimentSummary.Moment(history: history, deletions: 0)
            let made = try summaries.folder.make(key, generation) { folder in
                try SummaryBuild(key: key, folder: folder, sliceRows: summaries.policy.sliceRows).run(on: connection)
            }
            return made.map { ExperimentSummary($0.content, folder: $0.folder, verified: moment) }
        }
        guard let summary else { return }
        if !summaries.keep(summary, madeAfter: deletions) { summaries.refuse(key) }
    }

    /// Removes summaries that hold what the log no longer holds.
    /// - Parameter place: where events were deleted; nil for anywhere.
    func dropOutdated(in place: DeletionPlace? = nil) async throws {
        guard let summaries, place != .noExperiment else { return }
        // What is being made may have been read before.
        try await summaries.builds.run {
            for summary in summaries.all where place?.mayConcern(summary.content) ?? true {
                let isStillRight = try await readers.run { [self] connection -> Bool in
                    try isRight(summary, at: summary.moment(history), on: connection)
                }
                if !isStillRight { summaries.drop(summary) }
            }
        }
    }
}

/// Where events of experiments are deleted.
enum DeletionPlace: Equatable, Sendable {
    case noExperiment
    case environment(Int64)
    case experiment(ExperimentSummary.Key)

    func mayConcern(_ content: ExperimentSummary.Content) -> Bool {
        switch self {
        case .noExperiment: false
        case .environment(let id): content.environments.contains(id)
        case .experiment(let key): content.key == key
        }
    }
}

extension ExperimentQuery {
    var key: ExperimentSummary.Key { ExperimentSummary.Key(projectID: projectID, experienceID: experienceID) }
}
