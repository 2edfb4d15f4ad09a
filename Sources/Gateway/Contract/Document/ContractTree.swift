import JSON

/// A document as a tree, with the means to follow its references.
struct ContractTree: Sendable {
    let root: JSONValue

    /// A place in the document: the value there, and the JSON pointer (RFC 6901) that leads to it.
    struct Place: Sendable {
        let value: JSONValue
        let pointer: String

        func child(_ key: String) -> Place? {
            value[key].map { Place(value: $0, pointer: pointer + "/" + ContractTree.escape(key)) }
        }

        /// The elements of an array, or none.
        var elements: [Place] {
            (value.array ?? []).enumerated().map { Place(value: $1, pointer: "\(pointer)/\($0)") }
        }

        /// The members of an object in order, or none.
        var members: [(key: String, place: Place)] {
            (value.object?.members ?? []).map {
                ($0.key, Place(value: $0.value, pointer: pointer + "/" + ContractTree.escape($0.key)))
            }
        }

        func string(_ key: String) -> String? { value[key]?.string }
        func flag(_ key: String) -> Bool { value[key]?.bool ?? false }
    }

    var top: Place { Place(value: root, pointer: "#") }

    /// The place itself, or the one its chain of `$ref` ends at.
    func resolve(_ place: Place) throws(ContractError) -> Place {
        var current = place
        var followed: Set<String> = []
        while let reference = current.string("$ref") {
            guard followed.insert(reference).inserted, let target = lookUp(reference) else {
                throw .danglingReference(reference, pointer: place.pointer)
            }
            current = target
        }
        return current
    }

    /// The place that a reference such as `#/components/schemas/User` names.
    func lookUp(_ reference: String) -> Place? {
        guard reference.hasPrefix("#") else { return nil }
        var place = top
        for part in reference.dropFirst().split(separator: "/", omittingEmptySubsequences: true) {
            guard let decoded = PercentDecoding.decode(part.utf8) else { return nil }
            let key = Self.unescape(decoded)
            if let child = place.child(key) {
                place = child
            } else if let index = Int(key), let element = place.value[index] {
                place = Place(value: element, pointer: "\(place.pointer)/\(index)")
            } else {
                return nil
            }
        }
        return place
    }

    static func escape(_ key: String) -> String {
        guard key.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else { return key }
        return key.replacing("~", with: "~0").replacing("/", with: "~1")
    }

    private static func unescape(_ key: String) -> String {
        guard key.utf8.contains(UInt8(ascii: "~")) else { return key }
        return key.replacing("~1", with: "/").replacing("~0", with: "~")
    }
}
