/// A name in what a client sent that nothing reads, and the one that was probably meant.
public struct UnknownName: Sendable, Equatable, CustomStringConvertible {
    /// Where it stands, such as `settings.type`; client text, at most ``maximumLength`` code points.
    public let path: String
    /// The known name of the same object that is most like it; nil when none is.
    public let suggestion: String?

    /// Code points of a path that are kept: names may be as long as a body.
    public static let maximumLength = 200
    /// Names that are told of one document; the rest is like them.
    public static let maximumCount = 20

    public init(path: String, suggestion: String?) {
        self.path = path.codePoints(upTo: Self.maximumLength)
        self.suggestion = suggestion
    }

    /// A sentence for people.
    public var description: String {
        "\(path) is not known, and was not read" + (suggestion.map { ": did you mean \($0)?" } ?? ".")
    }
}

/// Finds the known name that somebody may have meant by one that is not known.
///
/// ```swift
/// let names = NameSuggestions(["user_id", "metadata"], meanings: ["properties": "metadata"])
/// names.suggestion(for: "userId")      // user_id
/// names.suggestion(for: "properties")  // metadata
/// ```
public struct NameSuggestions: Sendable {
    private struct Known: Sendable {
        let name: String
        let letters: [UInt8]
    }

    private let known: [Known]
    private let meanings: [ClientText: String]

    /// Letters of names that are compared: what is longer was not misspelt.
    private static let longest = 64
    /// Letters that the end of a known name must have to stand for it, as `type` does for `project_type`.
    private static let shortestEnd = 4

    /// - Parameters:
    ///   - known: the names that are read.
    ///   - meanings: what other programs call the same, and the known name for it.
    public init(_ known: [String], meanings: KeyValuePairs<String, String> = [:]) {
        // Each once: two that are alike would be a tie.
        self.known = Set(known.map { ClientText($0) }).sorted().map {
            Known(name: $0.string, letters: Self.letters(of: $0.string))
        }
        self.meanings = Dictionary(
            meanings.map { (ClientText(Self.plain($0.key)), $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    /// The known name that this one is most like; nil when none is like it, or two are alike.
    public func suggestion(for name: String) -> String? {
        guard name.utf8.count <= Self.longest else { return nil }
        let letters = Self.letters(of: name)
        guard !letters.isEmpty else { return nil }
        if let meant = meanings[ClientText(Self.plain(name))] { return meant }
        if let same = known.first(where: { $0.letters == letters }) { return same.name }
        if letters.count >= Self.shortestEnd {
            let ends = known.filter {
                $0.letters.ends(with: letters) || letters.ends(with: $0.letters) && $0.letters.count >= Self.shortestEnd
            }
            if ends.count == 1 { return ends[0].name }
        }
        return nearest(to: letters)
    }

    private func nearest(to letters: [UInt8]) -> String? {
        let farthest = letters.count / 4
        guard farthest > 0 else { return nil }
        var best: (name: String, distance: Int)?
        var isTied = false
        for other in known where abs(other.letters.count - letters.count) <= farthest {
            let distance = EditDistance.between(letters, other.letters)
            guard distance <= farthest, distance <= best?.distance ?? farthest else { continue }
            isTied = distance == best?.distance
            best = (other.name, distance)
        }
        return isTied ? nil : best?.name
    }

    /// The letters and digits of a name, small: `userId`, `user_id` and `User-ID` are written alike.
    private static func letters(of name: String) -> [UInt8] {
        name.utf8.compactMap { byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): byte | 0x20
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...: byte
            default: nil
            }
        }
    }

    private static func plain(_ name: String) -> String { String(decoding: letters(of: name), as: UTF8.self) }
}

/// How unlike two names are.
public enum EditDistance {
    /// Letters of a name that count.
    private static let longest = 100

    /// How many bytes must be put in, taken out or changed to make one of the other (Levenshtein); of each the first 100
    /// are looked at.
    public static func between(_ one: some Collection<UInt8>, _ other: some Collection<UInt8>) -> Int {
        let (one, other) = (Array(one.prefix(longest)), Array(other.prefix(longest)))
        var row = Array(0...other.count)
        for (index, byte) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (place, letter) in other.enumerated() {
                let changed = diagonal + (byte == letter ? 0 : 1)
                diagonal = row[place + 1]
                row[place + 1] = min(changed, row[place] + 1, row[place + 1] + 1)
            }
        }
        return row[other.count]
    }
}

extension [UInt8] {
    fileprivate func ends(with other: [UInt8]) -> Bool {
        count >= other.count && suffix(other.count).elementsEqual(other)
    }
}
