import ControlStore
import JSON
import Text
import Time

/// A profile as attributes see it.
struct ProfileFacts {
    let id: Int64
    let environmentID: Int64
    private let subjectID: String
    private let companyID: String?
    private let createdAt: Timestamp
    private let modifiedAt: Timestamp
    private let firstVisitAt: Timestamp?
    private let lastActiveAt: Timestamp?
    private let visitCount: Int64
    private let userCount: Int64
    private let score: Int64
    private let properties: JSONNode?
    private let inferredLocation: JSONNode?
    /// As it is stored, about.
    let byteCount: Int

    /// - Parameters:
    ///   - row: as ``ProfileRows`` selects it.
    ///   - readsProperties: whether any attribute looks at them.
    init(_ row: Row, readsProperties: Bool) throws {
        id = try row.read(at: 0)
        environmentID = try row.read(at: 1)
        subjectID = try row.read(at: 2)
        companyID = try row.read(at: 3)
        createdAt = try row.read(at: 4)
        modifiedAt = try row.read(at: 5)
        firstVisitAt = try row.read(at: 6)
        lastActiveAt = try row.read(at: 7)
        visitCount = try row.read(at: 8)
        userCount = try row.read(at: 9)
        score = Int64(ActiveDays.score(try row.read(at: 10)))
        // A damaged profile has none, and hides no other.
        let stored: String = readsProperties ? try row.read(at: 11) : ""
        properties = readsProperties ? try? JSONDocument(stored: stored).root : nil
        let location: String? = readsProperties ? try row.read(at: 12) : nil
        inferredLocation = location.flatMap { try? JSONDocument(stored: $0).root }
        byteCount = stored.utf8.count + (location?.utf8.count ?? 0) + 100
    }

    /// The value of an attribute, as it is compared.
    func value(of attribute: ProfileAttribute) -> ProfileValue {
        for source in attribute.sources {
            if let value = value(of: source, as: attribute.type) { return value }
        }
        return .missing(attribute.type)
    }

    /// Nil when there is nothing.
    private func value(of source: ProfileAttribute.Source, as type: ProfileAttribute.ValueType) -> ProfileValue? {
        switch source {
        case .id: ProfileValue(subjectID, as: type)
        case .company: companyID.map { ProfileValue($0, as: type) }
        case .createdAt: ProfileValue(createdAt, as: type)
        case .modifiedAt: ProfileValue(modifiedAt, as: type)
        case .firstVisitAt: firstVisitAt.map { ProfileValue($0, as: type) }
        case .lastActiveAt: lastActiveAt.map { ProfileValue($0, as: type) }
        case .visitCount: ProfileValue(visitCount, as: type)
        case .userCount: ProfileValue(userCount, as: type)
        case .score: ProfileValue(score, as: type)
        case .property(let path): Self.member(path, of: properties).map { ProfileValue($0, as: type) }
        case .inferredLocation(let path): Self.member(path, of: inferredLocation).map { ProfileValue($0, as: type) }
        }
    }

    private static func member(_ path: [ClientText], of object: JSONNode?) -> JSONNode? {
        var node = object
        for name in path { node = node?[name.string] }
        return node.flatMap { $0.isNull ? nil : $0 }
    }
}
