import JSON
import People
import Time

extension Person {
    /// The user as the interface shows them (contract schema `User`).
    var shown: JSONValue {
        let computed: [(String, JSONValue)] = [
            ("aptrinsicId", .string(userID)), ("identifyId", .string(userID)), ("id", .string(userID)),
            ("accountId", .string(companyID ?? "")),
            ("lastSeenDate", .integer(lastSeenAt.milliseconds)),
            ("firstVisitDate", .integer(firstSeenAt.milliseconds)),
        ]
        return ProfileFields.user.shown(properties, computed)
    }
}

extension Company {
    /// The account as the interface shows it (contract schema `Account`).
    var shown: JSONValue {
        let computed: [(String, JSONValue)] = [
            ("id", .string(companyID)), ("lastSeenDate", .integer(lastSeenAt.milliseconds)),
        ]
        return ProfileFields.account.shown(properties, computed)
    }
}

extension ProfileFields {
    /// All fields in the contract's order.
    /// - Parameter computed: the values of fields that no property has.
    fileprivate func shown(_ properties: JSONValue, _ computed: [(String, JSONValue)]) -> JSONValue {
        let computed = JSONObject(computed)
        var shown = JSONObject()
        for field in fields where field.name != Self.preferences {
            shown[field.name] = computed[field.name] ?? self.shown(field, of: properties)
        }
        shown["customAttributes"] = customAttributes(of: properties)
        return .object(shown)
    }
}
