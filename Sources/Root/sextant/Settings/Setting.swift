import Configuration

/// One thing that an operator can set. Its name, its default and its help stand together, here and nowhere else.
struct Setting<Value: Sendable>: Sendable {
    let help: SettingHelp
    /// What holds when it is not set.
    let defaultValue: Value
    private let parse: @Sendable (_ text: String, _ name: String) throws(SettingsError) -> Value

    /// - Parameters:
    ///   - shownDefault: the default as people read it.
    ///   - parse: makes a value of what the operator wrote; the name is for what it says otherwise.
    init(
        _ name: String, _ meaning: String, shownDefault: String, default defaultValue: Value,
        parse: @escaping @Sendable (_ text: String, _ name: String) throws(SettingsError) -> Value
    ) {
        help = SettingHelp(name: name, meaning: meaning, shownDefault: shownDefault)
        self.defaultValue = defaultValue
        self.parse = parse
    }

    /// What the operator set, or the default.
    /// - Throws: ``SettingsError`` that names the setting and says what it may be.
    func value(in reader: ConfigReader) throws(SettingsError) -> Value {
        guard let text = reader.string(forKey: help.key) else { return defaultValue }
        return try parse(text, help.name)
    }
}

/// What there is to say of a setting.
struct SettingHelp: Sendable {
    /// As a variable of the environment, and in the settings file.
    let name: String
    let meaning: String
    let shownDefault: String

    /// As a reader of configuration looks for it.
    var key: ConfigKey { ConfigKey(name.lowercased().split(separator: "_").map(String.init)) }

    /// For the flag of the same meaning.
    var ofFlag: String { "\(meaning.prefix(1).uppercased())\(meaning.dropFirst()). (default: \(shownDefault))" }

    /// A line, or as many as it takes.
    var lines: String {
        let indent = String(repeating: " ", count: Self.column)
        let isLong = name.count + 3 > Self.column
        var lines = isLong ? ["  \(name)", indent] : ["  \(name)".padding(to: Self.column)]
        for word in "\(meaning) (\(shownDefault))".split(separator: " ") {
            let last = lines[lines.count - 1]
            if last.count + 1 + word.count > Self.width, last.count > Self.column {
                lines.append(indent + word)
            } else {
                lines[lines.count - 1] = last.hasSuffix(" ") ? last + word : "\(last) \(word)"
            }
        }
        return lines.joined(separator: "\n")
    }

    /// Where meanings begin, and where lines end, in characters.
    private static let column = 29
    private static let width = 78
}

extension String {
    fileprivate func padding(to count: Int) -> String {
        self + String(repeating: " ", count: Swift.max(count - self.count, 1))
    }
}
