/// Puts lines of metrics together, each family under what is said of it.
struct PrometheusText {
    private struct Family {
        var kind: MetricDescription.Kind
        var lines: [String] = []
    }

    private let descriptions: [MetricDescription]
    private var families: [String: Family] = [:]

    init(_ descriptions: [MetricDescription]) {
        self.descriptions = descriptions
    }

    /// - Parameter kind: of a metric that nobody has described.
    mutating func add(_ line: String, to name: String, _ kind: MetricDescription.Kind) {
        families[name, default: Family(kind: kind)].lines.append(line)
    }

    func render() -> String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            let description = descriptions.first { $0.name == name }
            if let description { text += "# HELP \(name) \(Self.escapeHelp(description.meaning)).\n" }
            let kind = description?.kind ?? family.kind
            text += "# TYPE \(name) \(kind.rawValue)\n"
            // A histogram's buckets must keep their order; other lines read better sorted.
            let lines = kind == .histogram ? family.lines : family.lines.sorted()
            text += lines.joined(separator: "\n") + "\n"
        }
        return text
    }

    static func labels(_ dimensions: [String]) -> String {
        dimensions.isEmpty ? "" : "{\(dimensions.joined(separator: ","))}"
    }

    /// The value of a label. By scalars: a line feed may be a part of a character.
    static func escape(_ value: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\\": escaped.append(contentsOf: "\\\\".unicodeScalars)
            case "\"": escaped.append(contentsOf: "\\\"".unicodeScalars)
            case "\n": escaped.append(contentsOf: "\\n".unicodeScalars)
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    private static func escapeHelp(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }
}
