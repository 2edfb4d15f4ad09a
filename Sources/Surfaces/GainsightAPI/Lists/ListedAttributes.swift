import EventStore
import Gateway
import JSON
import People
import Text

/// What profiles are filtered and sorted by under the names that the interface has.
struct ListedAttributes {
    private let kind: ProfileKind
    private let fields: ProfileFields
    /// The types of custom attributes, by their properties, as far as they are known.
    private let learned: [ClientText: PropertyType]

    init(_ kind: ProfileKind, learned: [ClientText: PropertyType]) {
        self.kind = kind
        fields = kind == .person ? .user : .account
        self.learned = learned
    }

    /// - Parameter parameter: named in the error.
    /// - Throws: `APIError` 400 for a field that there is not.
    func attribute(_ name: String, in parameter: String) throws(APIError) -> ProfileAttribute {
        if let field = fields[name], let type = field.kind.listed {
            return ProfileAttribute(type, field.sources(of: kind))
        }
        let path = name.split(byte: ".", omittingEmptySubsequences: false)
        if path.count > 1, !path.contains(where: \.isEmpty) {
            switch path[0] {
            case "customAttributes": return custom(name, path)
            case "location", "lastInferredLocation":
                let last = path.count == 2 && path[1] == "cityName" ? "city" : path[path.count - 1]
                let names = (path.dropLast() + [last]).map { ClientText($0) }
                guard path[0] != "location", kind == .person else {
                    return ProfileAttribute(.text, .property(path: names))
                }
                return ProfileAttribute(
                    .text, .inferredLocation(path: Array(names.dropFirst())), .property(path: names))
            default: break
            }
        }
        throw APIError.invalid(
            parameter,
            "\(parameter): there is no field \"\(name.prefix(80))\"; custom attributes are customAttributes.NAME, fields are \(fields.fields.map(\.name).joined(separator: ", "))."
        )
    }

    /// An attribute whose own name has points is looked for before one that lies within another.
    private func custom(_ name: String, _ path: [String]) -> ProfileAttribute {
        let whole = String(Substring(name.utf8.dropFirst(path[0].utf8.count + 1)))
        let property = ClientText(fields.property(ofAttribute: whole))
        let nested = [fields.property(ofAttribute: path[1])] + path.dropFirst(2)
        let type: ProfileAttribute.ValueType =
            switch learned[property] {
            case .number: .number
            case .date: .time
            case .boolean: .boolean
            case .list: .list
            case .string, .object, .null, nil: .text
            }
        return ProfileAttribute(
            type, .property(path: [property]), .property(path: nested.map { ClientText($0) }))
    }
}

extension ProfileFields.Kind {
    /// Nil for what is neither filtered nor sorted by.
    fileprivate var listed: ProfileAttribute.ValueType? {
        switch self {
        case .text: .text
        case .integer, .number: .number
        case .time: .time
        case .boolean: .boolean
        case .texts: .list
        case .object: nil
        }
    }
}

extension ProfileFields.Field {
    fileprivate func sources(of kind: ProfileKind) -> [ProfileAttribute.Source] {
        let own = ProfileAttribute.Source.property(path: [ClientText(name)])
        switch (name, kind) {
        case ("id", _), ("identifyId", .person), ("aptrinsicId", .person): return [.id]
        case ("accountId", .person): return [.company]
        case ("createDate", _): return [.createdAt]
        case ("lastModifiedDate", _): return [.modifiedAt]
        case ("lastSeenDate", _): return [.lastActiveAt]
        case ("firstVisitDate", .person): return [.firstVisitAt]
        case ("numberOfVisits", _): return [.visitCount]
        case ("numberOfUsers", .company): return [.userCount]
        case ("score", .person): return [own, .score]
        default: return [own] + alternatives.map { .property(path: [ClientText($0)]) }
        }
    }
}
