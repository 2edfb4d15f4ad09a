import Gateway
import HTTPTypes
import Identity
import Resources
import Sessions

/// Who calls the Convert interface, and what they may do there. Handlers of operations of an account get it.
struct ConvertCaller: Sendable {
    let accountID: Int64
    let accesses: Accesses
    /// Nil for a key.
    let userID: Int64?
    /// Who changes are told to be by.
    let author: ChangeAuthor

    /// - Parameter account: of the address; nil where it names none.
    /// - Throws: `APIError` 401 for callers who are none of an account, 404 for people who are not of this one.
    init(_ principal: Principal, _ head: RequestHead, in account: Int64?) throws(APIError) {
        if case .user(let caller) = principal {
            // What is not there and what is not for them is told alike.
            guard let id = account ?? caller.accesses.keys.min(), let accesses = caller.accesses[id] else {
                throw APIError.notFound(account.map(Self.noAccount) ?? "This user belongs to no account.")
            }
            self.accountID = id
            self.accesses = accesses
            userID = caller.user.id
            author = ChangeAuthor(name: caller.user.name, method: .app, requestID: head.requestID)
            return
        }
        let key = try principal.convertKey()
        accountID = key.accountID
        accesses = key.accesses
        userID = nil
        author = ChangeAuthor(name: key.label, method: .api, requestID: head.requestID)
    }

    /// Somebody who has logged in, in the first account in all of which they have a permission; in their first one where they have
    /// it in none.
    init(_ principal: Principal, _ head: RequestHead, whoseAccountLets permission: Permission) throws(APIError) {
        guard case .user(let user) = principal else { throw APIError(.unauthorized, "Log in for this.") }
        let able = user.accesses.filter { $0.value.everywhere?.may(permission) ?? false }
        try self.init(principal, head, in: able.keys.min())
    }

    static func noAccount(_ id: Int64) -> String { "There is no account \(id), or not for this caller." }

    /// The projects that the caller may look at; nil for all of the account.
    var projectIDs: Set<Int64>? { accesses.projectIDs }

    /// - Parameter role: that is held at the place in question; nil for none.
    /// - Throws: `APIError` 403 for those who may not.
    func require(_ permission: Permission, by role: Role?) throws(APIError) {
        guard let role else {
            throw APIError(
                .forbidden,
                "This needs the permission \(permission.name) in the whole account; single projects are all that is open here."
            )
        }
        guard role.may(permission) else { throw APIError(.forbidden, role.refusal(of: permission)) }
    }
}
