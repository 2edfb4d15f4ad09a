import HTTPTypes
import Text

/// The pages that people log in from: the server's own, and those of other origins that the operator has named.
///
/// A browser sends the session's cookie along with whatever any page asks it to. So a request that goes by the cookie, or sets
/// one, must come from these pages (OWASP, Cross-Site Request Forgery Prevention: Fetch Metadata, and Origin where a browser
/// sends none); and only these may read the answers.
public struct OwnPages: Sendable {
    private let origins: Set<ClientText>

    /// - Parameter origins: besides the server's own, such as `https://app.example.com`.
    public init(origins: [String] = []) {
        self.origins = Set(origins.map { ClientText($0) })
    }

    /// Whether pages of an origin may read what somebody who is logged in is answered.
    func contains(_ origin: String) -> Bool { origins.contains(ClientText(origin)) }

    /// - Throws: `APIError` 403 for a change that a page of another site has asked for.
    func admit(_ head: RequestHead) throws(APIError) {
        if head.method == .get || head.method == .head { return }
        let origin = head.headers[.origin]
        if let origin, contains(origin) { return }
        if let site = Self.fetchSite.flatMap({ head.headers[$0] }) {
            guard site == "same-origin" || site == "none" else { throw Self.refusal }
            return
        }
        // Programs that are no browsers send neither.
        guard let origin else { return }
        // A proxy may have taken the encryption away: hosts are compared, not schemes.
        guard let authority = head.authority,
            ["http://", "https://"].contains(where: { (origin.hasSameBytes(as: $0 + authority)) })
        else { throw Self.refusal }
    }

    static let fetchSite = HTTPField.Name("Sec-Fetch-Site")

    private static let refusal = APIError(
        .forbidden,
        "A page of another site has asked for this. The operator can name the site's origin in SEXTANT_APP_ORIGINS.")
}
