import JSON
import People
import Text
import Time

extension Person {
    /// The user as the interface shows them (contract schema `User`).
    var shown: JSONValue {
        let computed: [(String, JSONValue)] = [
            ("aptrinsicId", .string(userID)), ("identifyId", .string(userID)), ("id", .string(userID)),
            ("accountId", .string(companyID ?? "")), ("numberOfVisits", .integer(Int64(visitCount))),
            ("lastSeenDate", .integer(lastActiveAt?.milliseconds ?? 0)),
            ("firstVisitDate", .integer(firstVisitAt?.milliseconds ?? 0)),
            ("createDate", .integer(createdAt.milliseconds)),
            ("lastModifiedDate", .integer(modifiedAt.milliseconds)),
        ]
        let located = inferredLocation.map { [("lastInferredLocation", $0.wholeLocation)] } ?? []
        // A score that a client says counts more than ours.
        return ProfileFields.user.shown(properties, computed + located, otherwise: [("score", .integer(Int64(score)))])
    }
}

extension Company {
    /// The account as the interface shows it (contract schema `Account`).
    var shown: JSONValue {
        let computed: [(String, JSONValue)] = [
            ("id", .string(companyID)), ("lastSeenDate", .integer(lastActiveAt?.milliseconds ?? 0)),
            ("numberOfUsers", .integer(Int64(userCount))), ("numberOfVisits", .integer(Int64(visitCount))),
            ("createDate", .integer(createdAt.milliseconds)),
            ("lastModifiedDate", .integer(modifiedAt.milliseconds)),
        ]
        return ProfileFields.account.shown(properties, computed)
    }
}

extension JSONValue {
    /// A location with all members that the interface has (contract schema `Location`).
    var wholeLocation: JSONValue {
        var location = JSONObject()
        for (name, _) in ProfileFields.locationParts where !name.hasBytePrefix("coordinates.") {
            location[name] = self[name] ?? ""
        }
        location["coordinates"] = self["coordinates"] ?? .null
        return .object(location)
    }
}

extension ProfileFields {
    /// The fields of nobody who is known.
    func unknown(_ members: JSONObject) -> JSONValue { shown([:], members.members.map { ($0.key, $0.value) }) }

    /// All fields in the contract's order.
    /// - Parameters:
    ///   - computed: the values of fields that no property has.
    ///   - figures: the values of fields that no property has to have.
    fileprivate func shown(
        _ properties: JSONValue, _ computed: [(String, JSONValue)], otherwise figures: [(String, JSONValue)] = []
    ) -> JSONValue {
        var computed = JSONObject(computed)
        for (name, value) in figures where properties[name] == nil { computed[name] = value }
        var shown = JSONObject()
        for field in fields where field.name != Self.preferences {
            shown[field.name] = computed[field.name] ?? self.shown(field, of: properties)
        }
        shown["customAttributes"] = customAttributes(of: properties)
        return .object(shown)
    }
}
