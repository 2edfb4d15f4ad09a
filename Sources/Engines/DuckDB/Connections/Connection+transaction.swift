extension Connection {
    /// Runs the body within one transaction: committed when it returns, rolled back when it throws or when the commit
    /// is refused. Transactions do not nest.
    ///
    /// - Throws: What the body throws, or ``DuckDBError`` from beginning or committing.
    public func transaction<R>(_ body: () throws -> R) throws -> R {
        try run("BEGIN TRANSACTION")
        do {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            rollBack()
            throw error
        }
    }

    private func run(_ sql: String) throws(DuckDBError) {
        try prepare(sql).execute(notesTransaction: false)
    }

    /// Undoes the transaction, whatever state it is in: a cancelled task must not keep it open either.
    private func rollBack() {
        do {
            try prepare("ROLLBACK").execute(notesTransaction: false, evenIfCancelled: true)
        } catch {
            // After a refused commit there is none left to roll back; any other cause is met again by the pool's reset.
            mayHaveOpenTransaction = true
        }
    }
}
