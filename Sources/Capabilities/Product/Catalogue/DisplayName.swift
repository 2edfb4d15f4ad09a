/// Makes a name for people out of a key: `monthly_active_users` and `monthlyActiveUsers` become `Monthly Active Users`.
enum DisplayName {
    /// A key without letters or digits stays as it is. At most 255 characters.
    static func make(from key: String) -> String {
        var words: [String] = []
        var word = ""
        var previous: Character?
        for character in key {
            if isSeparator(character) {
                if !word.isEmpty { words.append(word) }
                word = ""
            } else {
                if character.isUppercase, let previous, previous.isLowercase || previous.isNumber, !word.isEmpty {
                    words.append(word)
                    word = ""
                }
                word.append(character)
            }
            previous = character
        }
        if !word.isEmpty { words.append(word) }
        if words.isEmpty { return String(key.prefix(255)) }
        let name = words.map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: " ")
        return String(name.prefix(255))
    }

    private static func isSeparator(_ character: Character) -> Bool {
        character == "_" || character == "-" || character == "." || character.isWhitespace
    }
}
