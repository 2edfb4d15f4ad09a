/// Why a change to accounts, projects, environments or keys was refused. Messages name the field.
public enum IdentityError: Error, Equatable, CustomStringConvertible {
    /// The store has an account already, so it cannot be initialised.
    case alreadyInitialized
    case invalidEmail(String)
    /// Passwords have 8 to 256 characters.
    case passwordLength(Int)
    /// Names have 1 to 255 characters.
    case invalidName(field: String)
    case environmentNameTaken(String)
    /// No such record, or one of another account.
    case notFound(String)
    /// Without the key nobody could do any more what it is for.
    case lastKey

    public var description: String {
        switch self {
        case .alreadyInitialized:
            "this data folder already has an account; choose another folder, or create further keys in this one"
        case .invalidEmail(let email): "email: '\(email)' is not an e-mail address"
        case .passwordLength(let count): "password: it has \(count) characters; choose between 8 and 256"
        case .invalidName(let field): "\(field): give between 1 and 255 characters"
        case .environmentNameTaken(let name): "name: the project already has an environment called '\(name)'"
        case .notFound(let what): "\(what) not found"
        case .lastKey: "This is the last key that may do this. Create another one first."
        }
    }
}
