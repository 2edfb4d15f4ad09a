import HTTPTypes
public import Identity

/// The header `report_token`, without `Authorization`: opens the experience of the address to people without a key.
public struct ReportTokenAuthentication: Authenticator {
    private let tokens: ReportTokenStore

    public init(tokens: ReportTokenStore) {
        self.tokens = tokens
    }

    public var kind: Principal.Kind { .reportToken }

    public func authenticate(_ head: RequestHead) async throws -> Evidence? {
        guard head.headers[.authorization] == nil, let name = HTTPField.Name("report_token"),
            let token = head.headers[name]
        else { return nil }
        guard try await tokens.isValid(token, experienceID: head.path.pathID("experience_id")) else {
            throw Self.invalid
        }
        return .proved(.reportToken)
    }

    /// For a token that is not, or no longer, the experience's, and for an address that is not the experience's.
    public static let invalid = APIError(
        .unauthorized, "The report token is not valid for this experience, or has expired.")
}
