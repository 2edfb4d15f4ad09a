import JSON

@testable import Contract

/// Bodies and parameters of every operation of every contract. The first two bytes of an input say of which.
struct ContractSubject: FuzzSubject {
    private let operations: [ContractOperation]
    private let table: RouteTable
    let samples: [[UInt8]]
    let tokens: [[UInt8]]

    init() throws {
        let names = ["convert", "convert-serving", "userpilot", "sextant", "gainsight-px"]
        let documents = try names.map { try ContractDocument.load($0) }
        operations = documents.flatMap(\.operations)
        table = try RouteTable([documents[0]])
        var random = FuzzRandom(seed: 7)
        var samples: [[UInt8]] = []
        var words: Set<String> = []
        var number = 0
        for document in documents {
            let generator = SchemaSample(tree: document.tree)
            for operation in document.operations {
                let prefix = [UInt8(number >> 8), UInt8(number & 0xFF)]
                number += 1
                let body = generator.body(of: operation, &random)
                words.formUnion(Self.keys(of: body))
                if let body { samples.append(prefix + body.encoded()) }
                let query = operation.parameters.map { "\($0.name)=1" }.joined(separator: "&")
                if !query.isEmpty { samples.append(prefix + Array("?\(query)".utf8)) }
            }
        }
        self.samples = samples
        tokens =
            .texts(words.sorted().map { "\"\($0)\":" }) + .texts(["[]=", "[a]=", "&page=", "?only[]=1&", "%5B%5D="])
    }

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        guard input.count > 2 else { return "short" }
        let number = (Int(input[0]) << 8 | Int(input[1])) % operations.count
        let operation = operations[number]
        let content = Array(input.dropFirst(2))
        if content.first == UInt8(ascii: "?") {
            return "\(number)" + query(String(decoding: content.dropFirst(), as: UTF8.self), operation)
        }
        guard let document = try? JSONDocument(parsing: content) else { return "no JSON" }
        guard let schema = operation.requestBody?.content["application/json"]?.schema else { return "no body" }
        let violations = schema.validate(document.root)
        try require(violations.isEmpty == schema.isValid(document.root), "\(operation.operationId) is of two minds")
        try require(violations.allSatisfy { !$0.description.isEmpty }, "a violation without words")
        return "\(number) \(violations.first.map { "\($0.keyword) \($0.path.count)" } ?? "valid")"
    }

    private func query(_ text: String, _ operation: ContractOperation) -> String {
        let items = RawParameters.query(text)
        let raw = RawParameters(path: items, query: items, headers: items, cookies: items)
        _ = table.match(operation.method, text.hasPrefix("/") ? text : "/api/v2/\(text)")
        switch operation.decodeParameters(raw) {
        case .success: return "taken"
        case .failure(let violations): return violations.all.first?.keyword ?? ""
        }
    }

    private static func keys(of value: JSONValue?) -> [String] {
        switch value {
        case .object(let object)?: object.keys + object.members.flatMap { keys(of: $0.value) }
        case .array(let elements)?: elements.flatMap { keys(of: $0) }
        default: []
        }
    }
}

/// Values that a schema may have in mind.
private struct SchemaSample {
    let tree: JSONValue
    private static let deepest = 7

    func body(of operation: ContractOperation, _ random: inout FuzzRandom) -> JSONValue? {
        for (_, item) in tree["paths"]?.object ?? JSONObject() {
            for (_, found) in item.object ?? JSONObject() where found["operationId"]?.string == operation.operationId {
                let body = found["requestBody"].map { resolved($0) }
                return body?["content"]?["application/json"]?["schema"].map { value(of: $0, depth: 0, &random) }
            }
        }
        return nil
    }

    private func resolved(_ schema: JSONValue) -> JSONValue {
        var schema = schema
        for _ in 0..<8 {
            guard let reference = schema["$ref"]?.string else { break }
            schema = reference.dropFirst(2).split(separator: "/").reduce(tree) { $0[String($1)] ?? .null }
        }
        return schema
    }

    private func value(of schema: JSONValue, depth: Int, _ random: inout FuzzRandom) -> JSONValue {
        let schema = resolved(schema)
        guard depth < Self.deepest else { return .null }
        if let listed = schema["enum"]?.array, !listed.isEmpty { return random.pick(listed) }
        if let branches = (schema["oneOf"] ?? schema["anyOf"])?.array, !branches.isEmpty {
            return value(of: random.pick(branches), depth: depth + 1, &random)
        }
        var members = JSONObject()
        for part in schema["allOf"]?.array ?? [] {
            for (key, member) in value(of: part, depth: depth + 1, &random).object ?? JSONObject() {
                members[key] = member
            }
        }
        for (key, property) in schema["properties"]?.object ?? JSONObject() where !random.once(in: 3) {
            members[key] = value(of: property, depth: depth + 1, &random)
        }
        if !members.isEmpty { return .object(members) }
        switch schema["type"]?.string {
        case "array":
            let items = schema["items"] ?? .null
            return .array((0..<(1 + random.below(2))).map { _ in value(of: items, depth: depth + 1, &random) })
        case "integer": return .integer(Int64(random.below(100)))
        case "number": return .double(Double(random.below(1_000)) / 8)
        case "boolean": return .bool(random.once(in: 2))
        case "string":
            return .string(["text", "2024-05-31", "a@b.example", "https://x.example/", "1"][random.below(5)])
        default: return .object(members)
        }
    }
}
