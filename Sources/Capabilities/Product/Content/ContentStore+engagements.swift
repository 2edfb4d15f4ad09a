import ControlStore
import JSON

/// Which engagements are meant: surveys by what they ask for, others by their form.
public enum EngagementSort: Sendable, Hashable {
    case form(EngagementForm)
    case survey(SurveyKind)
}

extension ContentStore {
    /// A page of content of some kinds in the order of ids, and how much there is in all. What it is made of is left out.
    /// - Parameters:
    ///   - kinds: only these.
    ///   - sorts: only these engagements; all when empty.
    ///   - id: behind which the page begins.
    ///   - offset: of a page by its number.
    public func page(
        environmentID: Int64, kinds: [ContentKind], sorts: [EngagementSort] = [], after id: Int64 = 0,
        offset: Int? = nil, limit: Int
    ) async throws -> (contents: [Content], totalCount: Int) {
        let forms = sorts.compactMap { if case .form(let form) = $0 { form.rawValue } else { nil } }
        let surveys = sorts.compactMap { if case .survey(let survey) = $0 { survey.rawValue } else { nil } }
        let filter = """
            FROM contents WHERE environment_id = :environment AND kind IN \(SQL.list(":kinds"))
            AND (:all OR (survey IS NULL AND form IN \(SQL.list(":forms"))) OR survey IN \(SQL.list(":surveys")))
            """
        let arguments: Arguments = [
            "environment": environmentID, "kinds": ListArgument(kinds.map(\.rawValue)), "all": sorts.isEmpty,
            "forms": ListArgument(forms), "surveys": ListArgument(surveys),
        ]
        return try await store.read { database in
            func rows(behind id: Int64, limit: Int) throws -> [Row] {
                try database.rows(
                    sql: """
                        SELECT id, kind, key, title, type, status, platform, form, survey, is_paused, details, created_at,
                            updated_at, NULL AS steps, NULL AS modules, NULL AS tasks
                        \(filter) AND id > :after ORDER BY id LIMIT :limit OFFSET :offset
                        """,
                    arguments: arguments + ["after": id, "limit": limit, "offset": offset ?? 0])
            }
            let contents =
                if offset != nil {
                    try rows(behind: id, limit: limit).readable("content", Content.init(row:))
                } else {
                    try Row.page(of: "content", behind: id, limit: limit, as: Content.init(row:), rows: rows)
                }
            let count = try database.value(Int.self, sql: "SELECT count(*) \(filter)", arguments: arguments)
            return (contents, count ?? 0)
        }
    }
}
