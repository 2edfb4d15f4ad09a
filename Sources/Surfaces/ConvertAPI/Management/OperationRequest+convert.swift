import Contract
import Gateway
import JSON
import Text

extension OperationRequest {
    /// The members of the JSON body that clients may set; none when the request has no body.
    var bodyMembers: JSONObject {
        get throws(APIError) {
            guard case .json(let document) = body else { return JSONObject() }
            let schema = operation.requestBody?.content["application/json"]?.schema
            let value = document.root.value
            guard let members = (schema?.withoutReadOnly(value) ?? value).object else {
                throw APIError.invalid("", "The body must be a JSON object.")
            }
            return members
        }
    }

    /// The whole address of a link: those of this server's own are paths, a bucket's are whole already.
    func absolute(_ url: String) -> String { url.hasBytePrefix("/") ? baseURL + url : url }

    /// The names in a parameter that is an array, such as `include[]`.
    /// - Throws: `APIError` 422 for `include=...`: the vendor takes arrays only.
    func names(_ parameter: String) throws(APIError) -> Set<String> {
        guard !queryNames.contains(ClientText(parameter)) else {
            throw APIError.invalid(parameter, "\(parameter) must be an array: write \(parameter)[]=...")
        }
        return Set(query[parameter]?.elements.compactMap(\.string) ?? [])
    }
}
