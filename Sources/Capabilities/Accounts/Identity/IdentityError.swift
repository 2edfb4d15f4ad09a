public import JSON

/// Why a change to accounts, projects, environments or keys was refused.
public enum IdentityError: FieldError, Equatable {
    /// What a record is.
    public enum Subject: String, Sendable {
        case account
        case project
        case environment
        case experience
        case user
        case key
        case sdkKey = "SDK key"
    }

    /// The store has an account already, so it cannot be initialised.
    case alreadyInitialized
    case invalidEmail(String)
    /// Passwords have 8 to 256 characters.
    case passwordLength(Int)
    /// Names have 1 to 255 characters.
    case invalidName(field: String)
    case environmentNameTaken(String)
    /// The account's plan allows so many in a project.
    case tooManyEnvironments(limit: Int64)
    /// No such record, or one of another account.
    case notFound(Subject, String)
    /// The account would have no owner any more.
    case lastOwner(accountID: Int64)
    /// Without the key nobody could do any more what it is for.
    case lastKey

    public var field: String? {
        switch self {
        case .invalidEmail: "email"
        case .passwordLength: "password"
        case .invalidName(let field): field
        case .environmentNameTaken: "name"
        case .alreadyInitialized, .tooManyEnvironments, .notFound, .lastKey, .lastOwner: nil
        }
    }

    public var message: String {
        switch self {
        case .alreadyInitialized:
            "this data folder already has an account; choose another folder, or create further keys in this one"
        case .invalidEmail(let email): "'\(email)' is not an e-mail address"
        case .passwordLength(let count): "it has \(count) characters; choose between 8 and 256"
        case .invalidName: "give between 1 and 255 characters"
        case .environmentNameTaken(let name): "the project already has an environment called '\(name)'"
        case .tooManyEnvironments(let limit): "the account's plan allows \(limit) environments in a project"
        case .notFound(let subject, let name): "\(subject.rawValue) \(name) not found"
        case .lastOwner(let accountID): "it is the last owner of the account \(accountID); give it another one first"
        case .lastKey: "This is the last key that may do this. Create another one first."
        }
    }
}
