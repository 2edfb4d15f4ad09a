public import JSON

/// A document of the management interface, seen as what it says.
///
/// Members have the contract's names in Swift's spelling. Reading is total: a member that is missing, or is not what the
/// contract says, is nil. What nobody here reads stays as it is, so that answers show what was stored.
///
/// ```swift
/// var experience = ExperienceDocument(members)
/// if let days = experience.settings.maxRunningTime { ... }
/// experience.endTime = now
/// store(experience.members)
/// ```
public protocol DocumentView: Sendable, Equatable {
    /// All members, in the order in which they are stored.
    var members: JSONObject { get set }

    /// - Parameter members: as they are stored, or shown.
    init(_ members: JSONObject)
}

// Inlined: configs of large projects ask for members a million times.
extension DocumentView {
    /// - Parameter value: what is no object has no members.
    @inlinable public init(_ value: JSONValue?) { self.init(value?.object ?? JSONObject()) }

    /// The document as JSON.
    @inlinable public var json: JSONValue { .object(members) }

    /// The members of these names, in this order. Null counts as absent unless the contract allows it.
    @inlinable public func picking(_ names: [String], nullable: Set<String> = []) -> JSONObject {
        JSONObject(
            names.compactMap { name in
                guard let value = members[name], !value.isNull || nullable.contains(name) else { return nil }
                return (name, value)
            })
    }

    /// The ids that a member lists, each shown as such or expanded, as they come.
    @usableFromInline func ids(_ member: String) -> [Int64] { (members[member]?.array ?? []).compactMap(\.resourceID) }

    /// What a member lists.
    @usableFromInline func list<View: DocumentView>(_ member: String) -> [View] {
        (members[member]?.array ?? []).map { View($0) }
    }

    /// A text that is not empty.
    @usableFromInline func text(_ member: String) -> String? {
        members[member]?.string.flatMap { $0.isEmpty ? nil : $0 }
    }
}

/// What has an id, a name and mostly a key, as the management interface shows it.
public protocol NamedDocument: DocumentView {}

extension NamedDocument {
    /// The id; nil before there is one.
    @inlinable public var id: Int64? { members["id"]?.int64 }
    /// The key; nil where there is none.
    @inlinable public var key: String? { text("key") }
    /// The name.
    @inlinable public var name: String? { members["name"]?.string }
    /// The id as the serving contract writes it.
    @inlinable public var idText: String { id.map { String($0) } ?? "" }
    /// Whether it is out of use (`status`).
    @inlinable public var isArchived: Bool { members["status"] == "archived" }
}

extension Sequence where Element: NamedDocument {
    /// By ascending id, each id once; what has no id is left out.
    @inlinable public var byID: [Element] {
        var seen: Set<Int64> = []
        return compactMap { document in document.id.map { (id: $0, document: document) } }
            .filter { seen.insert($0.id).inserted }
            .sorted { $0.id < $1.id }
            .map(\.document)
    }
}

extension JSONValue {
    /// The id of a resource that is shown as its id or expanded.
    @usableFromInline var resourceID: Int64? { int64 ?? self["id"]?.int64 }
}
