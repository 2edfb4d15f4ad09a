/// A path template, cut into segments.
struct RoutePattern {
    enum Segment {
        case literal(String)
        case parameter(String)
    }

    let segments: [Segment]

    init(_ path: String) throws(ContractError) {
        var segments: [Segment] = []
        for part in path.split(separator: "/", omittingEmptySubsequences: true) {
            if let name = Self.parameterName(part) {
                segments.append(.parameter(name))
            } else if part.contains("{") || part.contains("}") {
                throw .invalid(pointer: path, reason: "a parameter must be a whole segment of the path")
            } else {
                segments.append(.literal(String(part)))
            }
        }
        self.segments = segments
    }

    var parameterNames: [String] {
        segments.compactMap { segment in
            if case .parameter(let name) = segment { name } else { nil }
        }
    }

    /// `job_id` of `{job_id}`.
    static func parameterName(_ segment: Substring) -> String? {
        guard segment.first == "{", segment.last == "}", segment.count > 2 else { return nil }
        let name = segment.dropFirst().dropLast()
        return name.contains("{") || name.contains("}") ? nil : String(name)
    }

    /// Whether a segment reads as an integer.
    static func isInteger(_ text: String) -> Bool {
        let digits = text.utf8.drop { $0 == UInt8(ascii: "-") }
        return !digits.isEmpty && text.utf8.count - digits.count <= 1 && digits.allSatisfy { (48...57).contains($0) }
    }
}

extension ContractOperation {
    /// Whether a path parameter takes integers only.
    func isIntegerInPath(_ name: String) -> Bool {
        let types = parameters.first { $0.location == .path && $0.name == name }?.schema?.acceptedTypes ?? []
        return !types.isEmpty && types.isSubset(of: [.integer, .number])
    }
}
