package import ControlStore
package import Time

extension Account {
    /// Who a payment provider is told of.
    package struct Payer: Sendable {
        package let id: Int64
        package let name: String
        package let createdAt: Timestamp
        /// As the provider names the account's customer; nil while it has none.
        package let customer: String?
    }

    /// Nil when there is no such account.
    package static func payer(_ id: Int64, from database: Database) throws -> Payer? {
        try database.row(
            sql: "SELECT name, created_at, payment_customer FROM accounts WHERE id = ?", arguments: [id]
        ).map {
            Payer(
                id: id, name: try $0.read("name"),
                createdAt: Timestamp(microseconds: try $0.read("created_at")), customer: try $0.read("payment_customer")
            )
        }
    }

    /// Keeps a customer, unless another one has taken the place of the former one meanwhile.
    /// - Returns: the one that is kept.
    package static func keep(
        customer: String, insteadOf former: String?, of id: Int64, in database: Database
    ) throws -> String {
        try database.execute(
            sql: "UPDATE accounts SET payment_customer = ? WHERE id = ? AND payment_customer IS ?",
            arguments: [customer, id, former])
        let kept = try database.value(
            String.self, sql: "SELECT payment_customer FROM accounts WHERE id = ?", arguments: [id])
        return kept ?? customer
    }
}
