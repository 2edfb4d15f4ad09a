/// Everything a new installation starts with; the only time these secrets are shown. Encoded as JSON it is what
/// `sextant init --json` prints.
public struct InitialCredentials: Sendable, Encodable {
    public struct User: Sendable, Encodable {
        public let email: String
        public let password: String
    }

    public struct Convert: Sendable, Encodable {
        public let applicationID: String
        public let secret: String

        private enum CodingKeys: String, CodingKey {
            case applicationID = "application_id"
            case secret
        }
    }

    public struct Userpilot: Sendable, Encodable {
        /// What clients send as `Authorization: Token ...`.
        public let token: String
        /// The environment's public token (`NX-...`).
        public let appToken: String

        private enum CodingKeys: String, CodingKey {
            case token
            case appToken = "app_token"
        }
    }

    public struct GainsightPX: Sendable, Encodable {
        public let apiKey: String

        private enum CodingKeys: String, CodingKey {
            case apiKey = "api_key"
        }
    }

    public struct Projects: Sendable, Encodable {
        public struct Web: Sendable, Encodable {
            public let id: Int64
        }

        public struct Fullstack: Sendable, Encodable {
            public let id: Int64
            public let sdkKey: String
            public let sdkSecret: String

            private enum CodingKeys: String, CodingKey {
                case id
                case sdkKey = "sdk_key"
                case sdkSecret = "sdk_secret"
            }
        }

        public let web: Web
        public let fullstack: Fullstack
    }

    public let accountID: Int64
    public let user: User
    public let convert: Convert
    public let userpilot: Userpilot
    public let gainsightPX: GainsightPX
    public let projects: Projects

    private enum CodingKeys: String, CodingKey {
        case accountID = "account_id"
        case user
        case convert
        case userpilot
        case gainsightPX = "gainsight_px"
        case projects
    }
}
