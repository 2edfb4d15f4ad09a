import JSON
import Text

/// The properties of one profile while identify calls are merged into them. Values stay the text they were sent as;
/// keys stay in the order of their first appearance.
struct PropertyBag {
    /// More properties than this are not kept (Userpilot's limit).
    static let limit = 500

    private var positions: [ClientText: Int] = [:]
    private var keys: [String] = []
    /// Raw JSON; nil for one that was removed.
    private var values: [[UInt8]?] = []

    /// How many distinct properties were turned away because the bag was full, and the name of the last.
    private(set) var dropped: (count: Int, lastKey: String)?

    /// - Parameter json: a JSON object, as the store keeps it.
    init(_ json: String) throws {
        let root = try JSONDocument(parsing: json).root
        for member in root.members { set(member.key, to: Self.raw(member.value)) }
    }

    var count: Int { positions.count }

    /// Takes over the members of an object; null removes a property. Anything but an object changes nothing.
    mutating func merge(_ properties: JSONNode) {
        // Members have no order: what goes makes room first.
        for member in properties.members where member.value.isNull { remove(member.key) }
        for member in properties.members where !member.value.isNull {
            let key = member.key
            if positions[ClientText(key)] != nil || count < Self.limit {
                set(key, to: Self.raw(member.value))
            } else {
                dropped = ((dropped?.count ?? 0) + 1, key)
            }
        }
    }

    /// The bag as a JSON object.
    func encoded() -> String {
        var writer = JSONWriter()
        writer.beginObject()
        for (key, value) in zip(keys, values) {
            guard let value else { continue }
            writer.key(key)
            writer.raw(value)
        }
        writer.endObject()
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    private mutating func set(_ key: String, to value: [UInt8]) {
        if let position = positions[ClientText(key)] {
            values[position] = value
        } else {
            positions[ClientText(key)] = keys.count
            keys.append(key)
            values.append(value)
        }
    }

    private mutating func remove(_ key: String) {
        guard let position = positions.removeValue(forKey: ClientText(key)) else { return }
        values[position] = nil
    }

    private static func raw(_ value: JSONNode) -> [UInt8] {
        value.withRawText { Array($0) }
    }
}
