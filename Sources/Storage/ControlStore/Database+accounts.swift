extension Database {
    /// The account that an environment, or else a project, belongs to; nil when neither is there.
    package func accountID(environment: Int64?, project: Int64?) throws -> Int64? {
        try self.value(
            Int64.self,
            sql:
                "SELECT account_id FROM projects WHERE id = ifnull((SELECT project_id FROM environments WHERE id = ?), ?)",
            arguments: [environment, project])
    }
}
