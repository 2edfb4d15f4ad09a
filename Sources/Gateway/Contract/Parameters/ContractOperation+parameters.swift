import JSON

extension ContractOperation {
    /// Decodes and validates the parameters of a request. Unknown ones are ignored, and so is one with an empty value
    /// unless it is an element of a list; headers that HTTP itself defines (Accept, Content-Type, Content-Encoding,
    /// Authorization) are left to others.
    ///
    /// - Returns: the values, or everything that is wrong with them.
    public func decodeParameters(_ raw: RawParameters) -> Result<ParameterValues, Violations> {
        guard parameters.contains(where: { !$0.isIgnored }) else { return .success(.none) }
        var violations: [Violation] = []
        func group(_ location: Violation.Location, _ items: [(name: String, value: String)]) -> ParameterValues.Group {
            decode(location, items, into: &violations)
        }
        let values = ParameterValues(
            path: group(.path, raw.path), query: group(.query, raw.query), header: group(.header, raw.headers),
            cookie: group(.cookie, raw.cookies))
        return violations.isEmpty ? .success(values) : .failure(Violations(violations))
    }

    private func decode(
        _ location: Violation.Location, _ items: [(name: String, value: String)], into violations: inout [Violation]
    ) -> ParameterValues.Group {
        func report(_ parameter: Parameter, _ keyword: String, _ message: String) {
            violations.append(
                Violation(location: location, path: [.key(parameter.name)], keyword: keyword, message: message))
        }
        var given: Set<String> = []
        var object = JSONObject()
        let expected = parameters.filter { $0.location == location && !$0.isIgnored }
        guard !expected.isEmpty else { return .empty }
        for parameter in expected {
            switch ParameterDecoder(parameter: parameter, items: items).decode() {
            case .value(let value):
                given.insert(parameter.name)
                object[parameter.name] = value
            case .repeated: report(parameter, "style", "must be given once only")
            case .absent where parameter.isRequired: report(parameter, "required", "is required")
            case .absent: object[parameter.name] = parameter.schema?.defaultValue
            }
        }
        guard let root = try? JSONDocument(parsing: JSONValue.object(object).encoded()).root else {
            violations.append(Violation(location: location, path: [], keyword: "type", message: "cannot be read"))
            return .empty
        }
        for parameter in expected where given.contains(parameter.name) {
            guard let value = root[parameter.name], let schema = parameter.schema, !schema.isValid(value) else {
                continue
            }
            violations += schema.findings(
                value, direction: .request, location: location, path: [.key(parameter.name)])
        }
        return ParameterValues.Group(root: root, given: given)
    }
}

/// Everything that is wrong with a request, at least one thing.
public struct Violations: Error, Sendable {
    /// What is wrong, in the order path, query, header, cookie.
    public let all: [Violation]

    /// All that is wrong.
    public init(_ all: [Violation]) { self.all = all }
}
