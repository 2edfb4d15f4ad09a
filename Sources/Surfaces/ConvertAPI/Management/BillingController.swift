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

/// What accounts are offered, pay and want besides: `getBillingPlans`, `startPaymentSetup`, `getAccountBillingPortal`,
/// `requestAccountAddons`.
struct BillingController: Sendable {
    let payments: PaymentService
    let plans: BillingPlans
    let addons: AddonRequests
    let accounts: AccountService

    private static let mostPlans = 20

    func addRoutes(to surface: inout SurfaceBuilder<ProjectStore>) {
        surface.on("getBillingPlans", allow: .may(.view(.project), in: .ownAccount)) { _, _ in
            .json(["data": .array(plans.shown)])
        }
        surface.on("startPaymentSetup", allow: .may(.managePayment, in: .account)) { caller, request in
            let secret = try await payments.setUp(caller.accountID, planIDs: chosenPlans(request))
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

    /// Contract schema `StartPaymentSetupRequestData`, which may be null.
    private func chosenPlans(_ request: OperationRequest) throws(APIError) -> [Int64] {
        if case .json(let document) = request.body, document.root.isNull { return [] }
        let ids = try request.bodyMembers["billingPlans"]?.array?.compactMap(\.int64) ?? []
        guard ids.count <= Self.mostPlans else {
            throw APIError.invalid("billingPlans", "billingPlans must have \(Self.mostPlans) plans at most.")
        }
        do throws(BillingPlansError) {
            try plans.check(ids)
        } catch {
            throw APIError.invalid("billingPlans", "billingPlans cannot be chosen: \(error).")
        }
        return ids
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
