public import Billing
import Contract
public import Gateway
import HTTPTypes
import Identity
import JSON
import Mailer
import Projects
import Resources
import Text

/// What accounts pay and want besides: `startPaymentSetup`, `getAccountBillingPortal`, `requestAccountAddons`.
struct BillingController: Sendable {
    let payments: PaymentService
    let addons: AddonRequests
    let accounts: AccountService

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("startPaymentSetup", allow: .may(.managePayment, in: .account)) { caller, request in
            try Self.checkPlans(request)
            let secret = try await payments.setUp(caller.accountID)
            var response = OperationResponse.json(["provider": "stripe", "client_secret": .string(secret)])
            response.headers[.cacheControl] = "no-store"
            return response
        }
        surface.on("getAccountBillingPortal", allow: .may(.manageBilling, in: .account)) { caller, request in
            let url = try await payments.portal(caller.accountID, returningTo: request.baseURL)
            var response = OperationResponse.json(["data": ["url": .string(url)]])
            response.headers[.cacheControl] = "no-store"
            return response
        }
        surface.on("requestAccountAddons", allow: .may(.manageAddons, in: .account)) { caller, request in
            let addon = try Self.addon(request.bodyMembers)
            let name = try await accounts.name(of: caller.accountID)
            try await addons.send(addon, of: (caller.accountID, name), author: caller.author.name)
            return .success("Whoever runs the server is told by mail.")
        }
    }

    /// There are no plans to choose.
    private static func checkPlans(_ request: OperationRequest) throws(APIError) {
        // The contract lets the body be null.
        if case .json(let document) = request.body, document.root.isNull { return }
        guard let plans = try request.bodyMembers["billingPlans"]?.array, !plans.isEmpty else { return }
        throw APIError.invalid(
            "billingPlans", "billingPlans must be left out or empty: this server has no billing plans.")
    }

    /// Contract schema `RequestAccountAddonsData`.
    private static func addon(_ body: JSONObject) throws(APIError) -> Addon {
        let email = body["collaborator_email"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        if let email {
            do {
                _ = try EmailAddress(email)
            } catch {
                throw APIError.invalid("collaborator_email", "collaborator_email must be an e-mail address.")
            }
        }
        let name = body["collaborator_name"]?.string.flatMap { $0.isEmpty ? nil : $0 }
        return Addon(name: body["addon"]?.string ?? "", collaboratorName: name, collaboratorEmail: email)
    }
}

extension PaymentError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notConfigured:
            return .conflict(
                "Nobody takes payments here: whoever runs the server sets SEXTANT_STRIPE_KEY to a key of a Stripe account."
            )
        case .unreachable(let reason):
            return APIError(.badGateway, "The payment provider (SEXTANT_STRIPE_URL) was not reached: \(reason).")
        case .late(let seconds):
            return APIError(
                .gatewayTimeout, "The payment provider took more than \(seconds) seconds; try again later.")
        case .keyRefused:
            return APIError(.badGateway, "The payment provider does not take the server's key, SEXTANT_STRIPE_KEY.")
        case .overloaded:
            return .tooManyRequests("The payment provider takes no more requests for now.", retryAfterSeconds: 5)
        case .noCustomer:
            return APIError(.badGateway, "The payment provider does not know the customer that it has just made.")
        case .refused(let status, let reason):
            return APIError(
                .badGateway,
                "The payment provider answered with an error (\(status))\(reason.map { ": \($0)" } ?? "").")
        case .malformed(let reason):
            return APIError(.badGateway, "The answer of the payment provider cannot be used: \(reason).")
        }
    }
}

extension AddonRequestError: APIErrorConvertible {
    public var apiError: APIError {
        switch self {
        case .notConfigured:
            .conflict(
                "There is nobody to ask: whoever runs the server sets SEXTANT_OPERATOR_EMAIL to an address for such requests."
            )
        }
    }
}
