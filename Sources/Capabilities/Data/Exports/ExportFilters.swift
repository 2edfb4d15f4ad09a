import DuckDB
public import Text

/// Who an export's filters name, looked up when it starts. Supplied by the rooms that know users and segments.
public struct ExportAudience: Sendable {
    /// Returns once deletions and profile changes asked for earlier have taken effect.
    public var settle: @Sendable (_ environmentID: Int64) async throws -> Void
    /// User ids in a segment of an environment; nil when the environment has no such segment.
    public var segmentMembers: @Sendable (_ segmentID: Int64, _ environmentID: Int64) async throws -> Set<ClientText>?
    /// Users and companies that exports leave out when asked to.
    public var excluded: @Sendable (_ environmentID: Int64) async throws -> (users: [String], companies: [String])

    public init(
        settle: @escaping @Sendable (Int64) async throws -> Void,
        segmentMembers: @escaping @Sendable (Int64, Int64) async throws -> Set<ClientText>?,
        excluded: @escaping @Sendable (Int64) async throws -> (users: [String], companies: [String])
    ) {
        self.settle = settle
        self.segmentMembers = segmentMembers
        self.excluded = excluded
    }
}

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
    init(_ request: ExportRequest, environmentID: Int64, audience: ExportAudience) async throws {
        users = request.userIDs.isEmpty ? nil : request.userIDs
        companies = request.companyIDs.isEmpty ? nil : request.companyIDs
        if let segmentID = request.segmentID {
            guard let members = try await audience.segmentMembers(segmentID, environmentID) else {
                throw ExportFailure.unknownSegment(segmentID)
            }
            segment = members.map(\.string)
        }
        if request.leavesOutExcluded {
            let excluded = try await audience.excluded(environmentID)
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
