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

    private struct Property {
        let key: String
        /// Raw JSON.
        let value: [UInt8]
        let valueCount: Int

        init(_ key: String, _ node: JSONNode) {
            self.key = key
            value = node.withRawText { Array($0) }
            valueCount = node.valueCount
        }

        /// Of the text in the profile: key and value, with quotes, colon and comma.
        var byteCount: Int { key.utf8.count + value.count + 4 }
    }

    private var positions: [ClientText: Int] = [:]
    /// Nil for one that was removed.
    private var properties: [Property?] = []
    private var byteCount = 0
    private var valueCount = 0

    /// What was turned away, by reason.
    private(set) var dropped: [Limit: Dropped] = [:]

    /// - Parameter json: a JSON object, as the store keeps it; one that has outgrown the limits is read all the same, and
    ///   grows no further.
    init(_ json: String) throws {
        for member in try JSONDocument(stored: json).root.members {
            let property = Property(member.key, member.value)
            // No key appears twice in what the parser takes.
            positions[ClientText(property.key)] = properties.count
            properties.append(property)
            add(property, 1)
        }
    }

    var count: Int { positions.count }

    /// Takes over the members of an object; null removes a property. Anything but an object changes nothing.
    mutating func merge(_ changes: JSONNode) {
        // Members have no order: what goes makes room first.
        for member in changes.members where member.value.isNull { remove(member.key) }
        for member in changes.members where !member.value.isNull { set(Property(member.key, member.value)) }
    }

    /// The bag as a JSON object.
    func encoded() -> String {
        var writer = JSONWriter(capacity: byteCount + 2)
        writer.beginObject()
        for case let property? in properties {
            writer.key(property.key)
            writer.raw(property.value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func set(_ property: Property) {
        let position = positions[ClientText(property.key)]
        if position == nil, count >= Self.maximumProperties { return drop(property, .properties) }
        let old = position.flatMap { properties[$0] }
        guard fits(property, instead: old) else { return drop(property, .size) }
        if let old { add(old, -1) }
        add(property, 1)
        if let position {
            properties[position] = property
        } else {
            positions[ClientText(property.key)] = properties.count
            properties.append(property)
        }
    }

    /// What makes a profile no larger always fits.
    private func fits(_ property: Property, instead old: Property?) -> Bool {
        let addedBytes = property.byteCount - (old?.byteCount ?? 0)
        let addedValues = property.valueCount - (old?.valueCount ?? 0)
        return (addedBytes <= 0 || byteCount + addedBytes <= Self.maximumBytes)
            && (addedValues <= 0 || valueCount + addedValues <= Self.maximumValues)
    }

    private mutating func remove(_ key: String) {
        guard let position = positions.removeValue(forKey: ClientText(key)), let old = properties[position] else {
            return
        }
        add(old, -1)
        properties[position] = nil
    }

    private mutating func drop(_ property: Property, _ limit: Limit) {
        dropped[limit, default: Dropped(count: 0, lastKey: "")].count += 1
        dropped[limit]?.lastKey = property.key
    }

    private mutating func add(_ property: Property, _ sign: Int) {
        byteCount += sign * property.byteCount
        valueCount += sign * property.valueCount
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
