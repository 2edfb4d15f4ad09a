import EventStore
import Time

/// Rows that an export takes from one table of the log.
struct ExportedRows: Sendable {
    /// The table, for reading.
    let table: String
    /// The column of ids that rise in the order of storing.
    let idColumn: String
    let columns: [ExportedColumn]
    /// What a row must be, besides within the time: terms in SQL over the table, which the query calls `stored`.
    let conditions: [String]

    /// The same with columns of the values' own types.
    var withNativeTypes: ExportedRows {
        ExportedRows(table: table, idColumn: idColumn, columns: columns.map(\.withNativeType), conditions: conditions)
    }

    /// Events of products.
    /// - Parameters:
    ///   - snapshot: only what was committed up to there.
    ///   - filters: which temporary tables hold filters.
    static func events(
        _ request: ExportRequest, of stream: EventStream, upTo snapshot: LogPosition, _ filters: ExportFilters.Present
    ) -> ExportedRows {
        let types = request.eventTypes.map { "'\($0.name)'" }.joined(separator: ", ")
        var terms = [
            "environment_id = \(stream.environmentID)", snapshot.rowCondition("stored.event_id"),
            "event_type IN (\(types))",
        ]
        if filters.users { terms.append("user_id IN (SELECT id FROM temp.export_users)") }
        if filters.companies { terms.append("company_id IN (SELECT id FROM temp.export_companies)") }
        if filters.segment { terms.append("user_id IN (SELECT id FROM temp.export_segment)") }
        if filters.excludedUsers {
            terms.append("(user_id IS NULL OR user_id NOT IN (SELECT id FROM temp.export_excluded_users))")
        }
        if filters.excludedCompanies {
            terms.append("(company_id IS NULL OR company_id NOT IN (SELECT id FROM temp.export_excluded_companies))")
        }
        return ExportedRows(
            table: EventTable.name, idColumn: "event_id",
            columns: [.appToken(stream.appToken)] + ExportedColumn.ofLog, conditions: terms)
    }

    /// Events of experiments, in the columns of events of products: a visitor stands where a user does, and belongs to no
    /// company.
    static func experimentEvents(
        _ request: ExportRequest, of stream: EventStream, upTo snapshot: LogPosition, _ filters: ExportFilters.Present
    ) -> ExportedRows {
        let kinds = request.experimentKinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        var terms = [
            "environment_id = \(stream.environmentID)", snapshot.rowCondition("stored.exposure_id"),
            "event_type IN (\(kinds))",
        ]
        if filters.users { terms.append("visitor_id IN (SELECT id FROM temp.export_users)") }
        if filters.companies { terms.append("false") }
        if filters.segment { terms.append("visitor_id IN (SELECT id FROM temp.export_segment)") }
        if filters.excludedUsers { terms.append("visitor_id NOT IN (SELECT id FROM temp.export_excluded_users)") }
        return ExportedRows(
            table: ExposureTable.name, idColumn: "exposure_id",
            columns: [.appToken(stream.appToken)] + ExportedColumn.ofLog.map(\.ofExperimentEvent), conditions: terms)
    }

    /// What visitors did in one experience.
    static func experienceEvents(_ request: ExperimentExportRequest, upTo snapshot: LogPosition) -> ExportedRows {
        let kinds = request.kinds.map { "'\($0.rawValue)'" }.joined(separator: ", ")
        // No goal has the id 0: with none, only views are left.
        let goals = request.goalIDs.isEmpty ? "0" : request.goalIDs.map(String.init).joined(separator: ", ")
        var terms = [
            "project_id = \(request.projectID)", "experience_id = \(request.experienceID)",
            snapshot.rowCondition("stored.exposure_id"), "event_type IN (\(kinds))",
            "(event_type = 'view_experience' OR goal_id IN (\(goals)))",
        ]
        if let start = request.start { terms.append("stored.occurred_at >= \(ExportQuery.literal(start))") }
        if let end = request.end { terms.append("stored.occurred_at < \(ExportQuery.literal(end))") }
        terms += ExportedSegments(request.segments).conditions
        return ExportedRows(
            table: ExposureTable.name, idColumn: "exposure_id",
            columns: ExportedColumn.ofExperimentLog(request.format), conditions: terms)
    }
}
