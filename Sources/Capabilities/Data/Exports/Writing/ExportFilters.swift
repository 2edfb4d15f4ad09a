import DuckDB
import Text

/// The lists of ids that an export selects by. They go into temporary tables of the export's own connection, so no
/// text from a client ever becomes part of a statement.
struct ExportFilters: Sendable {
    /// Which of the lists there are.
    struct Present: Sendable {
        var users = false
        var companies = false
        var segment = false
        var excludedUsers = false
        var excludedCompanies = false
    }

    var users: [String]?
    var companies: [String]?
    var segment: [String]?
    var excludedUsers: [String]?
    var excludedCompanies: [String]?

    /// - Throws: `ExportFailure.unknownSegment`.
    init(_ request: ExportRequest, environmentID: Int64, audience: some ExportAudience) async throws {
        users = request.userIDs.isEmpty ? nil : request.userIDs
        companies = request.companyIDs.isEmpty ? nil : request.companyIDs
        if let segmentID = request.segmentID {
            guard let members = try await audience.segmentMembers(segmentID, environmentID: environmentID) else {
                throw ExportFailure.unknownSegment(segmentID)
            }
            segment = members.map(\.string)
        }
        if request.leavesOutExcluded {
            let excluded = try await audience.excludedSubjects(environmentID: environmentID)
            excludedUsers = excluded.users
            excludedCompanies = excluded.companies
        }
    }

    var present: Present {
        Present(
            users: users != nil, companies: companies != nil, segment: segment != nil,
            excludedUsers: excludedUsers != nil, excludedCompanies: excludedCompanies != nil)
    }

    /// Fills the temporary tables.
    func load(on connection: Connection) throws {
        let lists: [(String, [String]?)] = [
            ("export_users", users), ("export_companies", companies), ("export_segment", segment),
            ("export_excluded_users", excludedUsers), ("export_excluded_companies", excludedCompanies),
        ]
        for (table, ids) in lists {
            guard let ids else { continue }
            try connection.execute("CREATE OR REPLACE TEMP TABLE \(table) (id VARCHAR)")
            let appender = try Appender(connection, catalog: "temp", schema: "main", table: table)
            for id in ids { try appender.append(row: [.string(id)]) }
            try appender.flush()
        }
    }
}

/// Why an export cannot be made, whatever is tried.
enum ExportFailure: Error, Equatable {
    case unknownSegment(Int64)

    var message: String {
        switch self {
        case .unknownSegment(let id): "There is no segment \(id)."
        }
    }
}
