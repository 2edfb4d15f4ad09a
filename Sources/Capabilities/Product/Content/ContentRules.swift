public import JSON

/// Why content was refused.
public enum ContentError: FieldError, Equatable {
    /// Titles have 1 to 255 characters.
    case invalidTitle
    case typeRequired(ContentKind)
    case typeNotAllowed(ContentKind)
    case tooManyParts(ContentParts, limit: Int)
    case partIsNoObject(ContentParts, index: Int)
    case partsTooLarge(ContentParts, limit: Int)
    case formNotAllowed(ContentKind)
    case surveyNotAllowed(ContentKind)
    case detailsTooLarge(limit: Int)

    public var field: String? {
        switch self {
        case .invalidTitle: "title"
        case .typeRequired, .typeNotAllowed: "type"
        case .tooManyParts(let parts, _), .partsTooLarge(let parts, _): parts.rawValue
        case .formNotAllowed: "form"
        case .surveyNotAllowed: "survey"
        case .detailsTooLarge: "details"
        case .partIsNoObject(let parts, let index): "\(parts.rawValue)[\(index)]"
        }
    }

    public var message: String {
        switch self {
        case .invalidTitle: "give between 1 and 255 characters"
        case .typeRequired(let kind): "\(kind.rawValue) needs one of banner, card"
        case .typeNotAllowed(let kind): "\(kind.rawValue) has none; leave it out"
        case .tooManyParts(_, let limit): "give at most \(limit)"
        case .partIsNoObject: "give an object"
        case .formNotAllowed(let kind): "\(kind.rawValue) has none; leave it out"
        case .surveyNotAllowed(let kind): "\(kind.rawValue) is no survey; leave it out"
        case .detailsTooLarge(let limit): "give at most \(limit) bytes of JSON in all"
        case .partsTooLarge(_, let limit): "give at most \(limit) bytes of JSON in all"
        }
    }
}

/// What content must look like to be stored.
enum ContentRules {
    static let mostParts = 500
    static let mostBytes = 1_048_576
    static let mostDetailBytes = 65_536

    static func check(
        kind: ContentKind, form: EngagementForm?, survey: SurveyKind?, details: JSONValue
    ) throws(ContentError) {
        if form != nil, kind.standardForm == nil { throw .formNotAllowed(kind) }
        if survey != nil, kind != .survey { throw .surveyNotAllowed(kind) }
        guard details.encoded().count <= mostDetailBytes else { throw .detailsTooLarge(limit: mostDetailBytes) }
    }

    static func check(
        kind: ContentKind, title: String, type: ContentType?, parts: [JSONValue]
    ) throws(ContentError) {
        guard (1...255).contains(title.count) else { throw .invalidTitle }
        if kind.hasType, type == nil { throw .typeRequired(kind) }
        if !kind.hasType, type != nil { throw .typeNotAllowed(kind) }
        guard parts.count <= mostParts else { throw .tooManyParts(kind.parts, limit: mostParts) }
        if let index = parts.firstIndex(where: { $0.object == nil }) { throw .partIsNoObject(kind.parts, index: index) }
        guard JSONValue.array(parts).encoded().count <= mostBytes else {
            throw .partsTooLarge(kind.parts, limit: mostBytes)
        }
    }

    /// Lower-case letters and digits of the title, joined by underscores: `Feature A` becomes `feature_a`. At most 64
    /// characters; a title without any becomes `content`.
    static func key(from title: String) -> String {
        var key = ""
        for character in title.lowercased() {
            if character.isLetter || character.isNumber {
                key.append(character)
            } else if !key.isEmpty, key.last != "_" {
                key.append("_")
            }
        }
        key = String(key.prefix(64))
        while key.last == "_" { key.removeLast() }
        return key.isEmpty ? "content" : key
    }
}
