import Foundation

/// The settings file of a data folder.
enum SettingsFile {
    /// `NAME=VALUE` lines; `#` begins a comment line.
    /// - Returns: nothing when there is no file.
    /// - Throws: ``SettingsError`` that names the line.
    static func read(_ path: String) throws(SettingsError) -> [String: String] {
        guard FileManager.default.fileExists(atPath: path) else { return [:] }
        var values: [String: String] = [:]
        for (index, line) in try text(path).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmingCharacters(in: .whitespaces)
            if line.isEmpty || line.hasPrefix("#") { continue }
            guard let equals = line.firstIndex(of: "="), line.hasPrefix("SEXTANT_") else {
                throw .invalid("\(path), line \(index + 1): expected SEXTANT_NAME=VALUE.")
            }
            let name = String(line[..<equals])
            guard KnownSettings.inFile.contains(where: { $0.name == name }) else {
                throw .invalid(
                    "\(path), line \(index + 1): there is no setting \(name) that may stand here"
                        + KnownSettings.hint(for: name, among: KnownSettings.inFile.map(\.name)))
            }
            values[name] = String(line[line.index(after: equals)...])
        }
        return values
    }

    private static func text(_ path: String) throws(SettingsError) -> String {
        guard let bytes = try? Data(contentsOf: URL(fileURLWithPath: path)) else {
            throw .refused("\(path) cannot be read; it must be a text file that the server may read.")
        }
        if let text = String(validating: bytes, as: UTF8.self) { return text }
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let number = lines.firstIndex { String(validating: $0, as: UTF8.self) == nil } ?? 0
        throw .refused("\(path), line \(number + 1): the file must be text in UTF-8, and this is not.")
    }
}
