public import ControlStore
import Identity
import JSON
import Text
import Time

/// Payments of accounts, which a payment provider handles (Stripe): here stays the provider's id of each account's customer, and
/// nothing of cards.
public struct PaymentService: Sendable {
    private let store: ControlStore
    private let stripe: StripeClient?
    private let bookings: PlanBookings

    /// - Parameters:
    ///   - configuration: nil where the operator has set up no provider; everything is refused then.
    ///   - bookings: books plans once their payment is set up.
    public init(store: ControlStore, _ configuration: StripeClient.Configuration?, bookings: PlanBookings) {
        self.store = store
        self.bookings = bookings
        stripe = configuration.map(StripeClient.init)
    }

    /// Lets somebody enter how the account pays.
    /// - Parameter planIDs: what it is to be for: booked once the provider says that it is set up.
    /// - Returns: the secret with which the provider's script in the page goes on.
    /// - Throws: ``PaymentError``, `JobError` when too many plans wait to be booked, or `CancellationError`.
    public func setUp(_ accountID: Int64, planIDs: [Int64] = []) async throws -> String {
        try await withCustomer(of: accountID) { stripe, customer in
            var fields = [("customer", customer), ("usage", "off_session"), ("metadata[account_id]", "\(accountID)")]
            if !planIDs.isEmpty {
                fields.append(("metadata[billing_plans]", planIDs.map(String.init).joined(separator: ",")))
            }
            let made = try await stripe.post("/v1/setup_intents", fields)
            guard let secret = made["client_secret"]?.string, !secret.isEmpty else {
                throw PaymentError.malformed("it holds no client_secret")
            }
            if !planIDs.isEmpty {
                guard let id = made["id"]?.string, StripeClient.isPathPart(id) else {
                    throw PaymentError.malformed("it holds no id of a setup intent")
                }
                try await bookings.wait(for: id, of: accountID, plans: planIDs)
            }
            return secret
        }
    }

    /// Where somebody sees the account's invoices and changes how it pays.
    /// - Parameter page: where the provider's pages lead back to.
    /// - Returns: an address that opens the provider's pages, for a few minutes, to whoever has it.
    /// - Throws: ``PaymentError``, or `CancellationError`.
    public func portal(_ accountID: Int64, returningTo page: String) async throws -> String {
        try await withCustomer(of: accountID) { stripe, customer in
            let made = try await stripe.post(
                "/v1/billing_portal/sessions", [("customer", customer), ("return_url", page)])
            guard let url = made["url"]?.string, url.hasBytePrefix("https://") || url.hasBytePrefix("http://") else {
                throw PaymentError.malformed("it holds no url")
            }
            return url
        }
    }

    /// Does something with the account's customer, which is made when there is none, or the provider has it no more.
    private func withCustomer<Result>(
        of accountID: Int64, _ body: (StripeClient, String) async throws -> Result
    ) async throws -> Result {
        guard let stripe else { throw PaymentError.notConfigured }
        let known = try await store.read { try Account.payer(accountID, from: $0) }
        guard let known else { throw PaymentError.notConfigured }
        let customer: String
        if let kept = known.customer { customer = kept } else { customer = try await makeCustomer(known, stripe) }
        do {
            return try await body(stripe, customer)
        } catch PaymentError.noCustomer {
            // Removed there, or the operator has changed to another account of the provider's.
            return try await body(stripe, try await makeCustomer(known, stripe))
        }
    }

    private func makeCustomer(_ payer: Account.Payer, _ stripe: StripeClient) async throws -> String {
        let made = try await stripe.post(
            "/v1/customers", [("name", payer.name), ("metadata[account_id]", "\(payer.id)")],
            // The same request again, also after a crash, makes no second one.
            once: "sextant-account-\(payer.id)-\(payer.createdAt.microseconds)-\(payer.customer ?? "first")")
        guard let id = made["id"]?.string, StripeClient.isIdentifier(id) else {
            throw PaymentError.malformed("it holds no id of a customer")
        }
        // Who comes second takes the first one's.
        return try await store.write { database in
            try Account.keep(customer: id, insteadOf: payer.customer, of: payer.id, in: database)
        }
    }
}
