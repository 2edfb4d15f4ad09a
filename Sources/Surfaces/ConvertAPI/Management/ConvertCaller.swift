import Gateway
import HTTPTypes
import Identity
import Resources

/// Who calls the Convert interface, and what they may do there. Handlers of operations of an account get it.
struct ConvertCaller: Sendable {
    let accountID: Int64
    let role: ConvertKeyRole
    /// The projects that the caller may use; nil for all of the account.
    let projectIDs: Set<Int64>?
    /// Who changes are told to be by.
    let author: ChangeAuthor

    /// - Throws: `APIError` 401 for callers who are none of an account.
    init(_ principal: Principal, _ head: RequestHead) throws(APIError) {
        let key = try principal.convertKey()
        accountID = key.accountID
        role = key.role
        projectIDs = key.projectIDs
        author = ChangeAuthor(name: key.label, method: .api, requestID: head.requestID)
    }

    func mayUse(project id: Int64) -> Bool { projectIDs?.contains(id) ?? true }

    /// - Throws: `APIError` 403 for those who may only look.
    func requireEditing() throws(APIError) {
        guard role.mayEdit else {
            throw APIError(.forbidden, "The role of this API key, \(role.rawValue), may not change anything.")
        }
    }

    /// - Throws: `APIError` 403 for those who may not change the account itself.
    func requireAccountManagement() throws(APIError) {
        guard role.mayManageAccount, projectIDs == nil else {
            throw APIError(
                .forbidden,
                "This needs an API key of all projects with the role admin or account_manager; this one may not.")
        }
    }
}
