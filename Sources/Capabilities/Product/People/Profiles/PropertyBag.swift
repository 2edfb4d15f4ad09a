public import JSON
import Text

/// The properties of one profile while identify calls are merged into them. Values stay the text they were sent as;
/// keys stay in the order of their first appearance.
struct PropertyBag {
    /// Why a property was not taken over. What was there before stays.
    enum Limit: Hashable {
        /// The profile has ``PropertyBag/maximumProperties`` already.
        case properties
        /// With it the profile would be larger than ``PropertyBag/maximumBytes`` or ``PropertyBag/maximumValues``.
        case size
    }

    /// Properties that were turned away for one reason.
    struct Dropped {
        var count: Int
        var lastKey: String
    }

    /// More properties than this are not kept (Userpilot's limit).
    static let maximumProperties = 500
    /// Bytes of a profile's properties as JSON. Every change of a profile reads and writes all of it, and lookups and
    /// segments read many.
    static let maximumBytes = 1_048_576
    /// JSON values of a profile's properties, those inside arrays and objects included: in memory each takes some
    /// seventy bytes, however short its text.
    static let maximumValues = 50_000

    /// A property as it stands in the document that brought it.
    private struct Property {
        let value: JSONNode
        /// Of the text in the profile: key and value, with quotes, colon and comma.
        let byteCount: Int

        init(_ value: JSONNode) {
            self.value = value
            byteCount = value.withKeyUTF8 { $0.count } + value.withRawText { $0.count } + 4
        }

        var key: ClientText { value.withKeyUTF8 { ClientText(utf8: $0) } }
    }

    /// Nil for one that was removed.
    private var properties: [Property?] = []
    /// Where properties are, by key: of the first so many, since most bags are never searched.
    private var positions: [ClientText: Int] = [:]
    private var searchable = 0
    private var byteCount = 0
    private var valueCount = 0

    /// How many properties there are.
    private(set) var count = 0

    /// What was turned away, by reason.
    private(set) var dropped: [Limit: Dropped] = [:]

    /// A profile without properties.
    init() {}

    /// - Parameter json: a JSON object, as the store keeps it; one that has outgrown the limits is read all the same, and
    ///   grows no further.
    init(_ json: String) throws {
        for member in try JSONDocument(stored: json).root.members { append(Property(member.value)) }
    }

    /// Takes over the members of an object; null removes a property. Anything but an object changes nothing.
    mutating func merge(_ changes: JSONNode) {
        // No key appears twice in what the parser takes: what meets an empty bag meets itself nowhere.
        let isEmpty = properties.isEmpty
        // Members have no order: what goes makes room first.
        if !isEmpty {
            for member in changes.members where member.value.isNull { remove(member.value) }
        }
        for member in changes.members where !member.value.isNull {
            let property = Property(member.value)
            set(property, at: isEmpty ? nil : position(of: property.key))
        }
    }

    /// The bag as a JSON object.
    func encoded() -> String {
        var writer = JSONWriter(capacity: byteCount + 2)
        writer.beginObject()
        for case let property? in properties {
            property.value.withKeyUTF8 { writer.key(utf8: $0) }
            writer.node(property.value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func position(of key: ClientText) -> Int? {
        for position in searchable..<properties.count {
            if let property = properties[position] { positions[property.key] = position }
        }
        searchable = properties.count
        return positions[key]
    }

    private mutating func set(_ property: Property, at position: Int?) {
        let old = position.flatMap { properties[$0] }
        if old == nil, count >= Self.maximumProperties { return drop(property, .properties) }
        guard fits(property, instead: old) else { return drop(property, .size) }
        guard let position, let old else { return append(property) }
        add(old, -1)
        add(property, 1)
        properties[position] = property
    }

    /// What makes a profile no larger always fits.
    private func fits(_ property: Property, instead old: Property?) -> Bool {
        let addedBytes = property.byteCount - (old?.byteCount ?? 0)
        let addedValues = property.value.valueCount - (old?.value.valueCount ?? 0)
        return (addedBytes <= 0 || byteCount + addedBytes <= Self.maximumBytes)
            && (addedValues <= 0 || valueCount + addedValues <= Self.maximumValues)
    }

    private mutating func append(_ property: Property) {
        properties.append(property)
        add(property, 1)
    }

    private mutating func remove(_ value: JSONNode) {
        let key = Property(value).key
        guard let position = position(of: key), let old = properties[position] else { return }
        positions[key] = nil
        properties[position] = nil
        add(old, -1)
    }

    private mutating func drop(_ property: Property, _ limit: Limit) {
        dropped[limit, default: Dropped(count: 0, lastKey: "")].count += 1
        dropped[limit]?.lastKey = property.key.string
    }

    private mutating func add(_ property: Property, _ sign: Int) {
        count += sign
        byteCount += sign * property.byteCount
        valueCount += sign * property.value.valueCount
    }
}

/// What a profile takes of changes.
public enum ProfileLimits {
    /// Why a profile does not take all of some changes; nil when it does.
    /// - Parameters:
    ///   - properties: that the profile has, an object.
    ///   - changes: an object; null removes a property.
    public static func refusal(of changes: JSONValue, over properties: JSONValue) -> String? {
        guard var bag = try? PropertyBag(properties.encodedString),
            let document = try? JSONDocument(parsing: changes.encoded())
        else { return nil }
        bag.merge(document.root)
        if let drop = bag.dropped[.properties] {
            return "a profile has at most \(PropertyBag.maximumProperties) attributes; \(drop.count) would be too many"
        }
        guard let drop = bag.dropped[.size] else { return nil }
        return """
            \(drop.lastKey.prefix(80)) would make the profile larger than \(PropertyBag.maximumBytes) bytes of JSON or \
            \(PropertyBag.maximumValues) values
            """
    }
}
