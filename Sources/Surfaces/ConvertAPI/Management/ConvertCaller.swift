import Gateway
import HTTPTypes
import Identity
import Resources

/// Who calls the Convert interface, and what they may do there. Handlers of operations of an account get it.
struct ConvertCaller: Sendable {
    let accountID: Int64
    let accesses: Accesses
    /// Who changes are told to be by.
    let author: ChangeAuthor

    /// - Throws: `APIError` 401 for callers who are none of an account.
    init(_ principal: Principal, _ head: RequestHead) throws(APIError) {
        let key = try principal.convertKey()
        accountID = key.accountID
        accesses = key.accesses
        author = ChangeAuthor(name: key.label, method: .api, requestID: head.requestID)
    }

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
