import Gateway
import HTTPTypes
import Identity
import Resources

/// A program that calls the Convert interface, proved by its key.
public struct ConvertCaller: Sendable {
    let key: ConvertKey
    /// What is left to prove once the request is read; nil when the key proved itself already.
    let signature: Signature?

    struct Signature: Sendable {
        let expires: String
        let code: String
    }

    /// Who its changes are told to be by.
    func author(_ request: OperationRequest) -> ChangeAuthor {
        ChangeAuthor(name: key.label, method: .api, requestID: request.requestID)
    }

    /// The account of the request's address.
    /// - Throws: `APIError` 404 for another than the key's own.
    func accountID(_ request: OperationRequest) throws(APIError) -> Int64 {
        let id = try request.pathID("account_id")
        guard id == key.accountID else { throw APIError.notFound("There is no account \(id), or not for this key.") }
        return id
    }

    /// - Throws: `APIError` 403 for keys that may only look.
    func requireEditing() throws(APIError) {
        guard key.role.mayEdit else {
            throw APIError(.forbidden, "The role of this API key, \(key.role.rawValue), may not change anything.")
        }
    }

    /// - Throws: `APIError` 403 for keys that may not change the account itself.
    func requireAccountManagement() throws(APIError) {
        guard key.mayManageAllProjects else {
            throw APIError(
                .forbidden,
                "This needs an API key of all projects with the role admin or account_manager; this one may not.")
        }
    }
}
