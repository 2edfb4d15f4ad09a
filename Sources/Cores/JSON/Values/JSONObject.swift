import Text

/// The members of an object in the order they were put in. Two objects are equal when they have the same members,
/// in whatever order. Keys are their bytes: canonically equal spellings are different keys, as in the parser.
public struct JSONObject: Sendable {
    /// A key and its value.
    public typealias Member = (key: String, value: JSONValue)

    /// The members in order; no key appears twice.
    public private(set) var members: [Member] = []

    /// Where each key stands, once there are so many members that going through them would tell.
    private var positions: [ClientText: Int]?

    private static let indexedFrom = 17

    /// An object without members.
    public init() {}

    /// An object of these members; of a key that appears twice the last value stays, in the first place.
    public init(_ members: some Sequence<(String, JSONValue)>) {
        for (key, value) in members { self[key] = value }
    }

    /// An object of members whose keys are known to differ.
    init(distinct members: [Member]) {
        self.members = members
        if members.count >= Self.indexedFrom { makeIndex() }
    }

    /// The number of members.
    public var count: Int { members.count }

    /// Whether there are no members.
    public var isEmpty: Bool { members.isEmpty }

    /// The keys in order.
    public var keys: [String] { members.map(\.key) }

    /// The value of a key. Setting keeps the place of a known key and appends a new one; setting nil removes.
    public subscript(key: String) -> JSONValue? {
        get { position(of: key).map { members[$0].value } }
        set {
            switch (position(of: key), newValue) {
            case (let position?, let value?): members[position].value = value
            case (let position?, nil):
                members.remove(at: position)
                positions = nil
                if members.count >= Self.indexedFrom { makeIndex() }
            case (nil, let value?):
                members.append((key, value))
                if positions != nil {
                    positions?[ClientText(key)] = members.count - 1
                } else if members.count >= Self.indexedFrom {
                    makeIndex()
                }
            case (nil, nil): break
            }
        }
    }

    private func position(of key: String) -> Int? {
        if let positions { return positions[ClientText(key)] }
        return members.firstIndex { $0.key.hasSameBytes(as: key) }
    }

    private mutating func makeIndex() {
        var positions: [ClientText: Int] = [:]
        positions.reserveCapacity(members.count)
        for (position, member) in members.enumerated() { positions[ClientText(member.key)] = position }
        self.positions = positions
    }
}

extension JSONObject: Hashable {
    /// Whether both have the same members, in whatever order.
    public static func == (first: JSONObject, second: JSONObject) -> Bool {
        first.count == second.count && first.members.allSatisfy { second[$0.key] == $0.value }
    }

    /// Feeds the members to the hasher.
    public func hash(into hasher: inout Hasher) {
        // A sum does not depend on the order, as equality must not.
        let sum = members.reduce(into: 0) { sum, member in
            var inner = Hasher()
            inner.combine(ClientText(member.key))
            inner.combine(member.value)
            sum &+= inner.finalize()
        }
        hasher.combine(sum)
    }
}

extension JSONObject: Sequence {
    /// The members in order.
    public func makeIterator() -> IndexingIterator<[Member]> { members.makeIterator() }
}
