/// Status and headers of an answer, read line by line.
struct ResponseHead: Sendable {
    private(set) var status = 0
    private(set) var headers: [(name: String, value: String)] = []
    /// Whether all of it is here.
    private(set) var isComplete = false

    /// Takes in a line without its end. Interim answers (RFC 9110, 15.2) are passed over.
    mutating func take(_ line: String) {
        guard !isComplete else { return }
        if line.isEmpty {
            isComplete = status >= 200
        } else if line.hasPrefix("HTTP/") {
            status = line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            headers = []
        } else if let colon = line.firstIndex(of: ":") {
            headers.append((String(line[..<colon]), Self.trimmed(line[line.index(after: colon)...])))
        }
    }

    private static func trimmed(_ value: Substring) -> String {
        func isBlank(_ character: Character) -> Bool { character == " " || character == "\t" }
        var value = value.drop(while: isBlank)
        while let last = value.last, isBlank(last) { value.removeLast() }
        return String(value)
    }
}
