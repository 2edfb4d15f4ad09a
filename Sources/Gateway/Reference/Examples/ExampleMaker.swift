import Contract
import JSON
import Text

/// Makes values that a schema takes, the same every time: of its examples, defaults and enumerations, and of names and
/// formats where it has none of these. Where alternatives or optional members do not go together others are tried until
/// the contract takes the whole.
struct ExampleMaker {
    let tree: DocumentTree
    let contract: ContractDocument
    /// Which way the value travels.
    let direction: Schema.Direction

    /// Values of named schemas that were made before: what each costs is spent once, however often it is needed.
    private let known = KnownExamples()

    init(tree: DocumentTree, contract: ContractDocument, direction: Schema.Direction) {
        self.tree = tree
        self.contract = contract
        self.direction = direction
    }

    /// How a value is put together: what the next one to be tried changes.
    struct Attempt {
        /// Which of several alternatives is taken.
        var branch: Int
        /// Whether the document's examples are used.
        var usesExamples: Bool
        /// Whether members are there that need not be.
        var isFull: Bool
    }

    /// In the order in which they are tried.
    private static let attempts = [(true, true), (false, true), (true, false), (false, false)].flatMap {
        examples, full in
        (0..<8).map { Attempt(branch: $0, usesExamples: examples, isFull: full) }
    }

    /// A value for a body.
    /// - Parameter compiled: what the contract checks it with.
    func body(_ schema: JSONValue, _ compiled: Schema?) -> JSONValue {
        guard let compiled else { return value(of: [schema], Self.attempts[0], Position()) }
        return firstValid(compiled) { value(of: [schema], $0, Position()) }
    }

    /// A value for a parameter.
    func parameter(_ name: String, _ schema: JSONValue, _ compiled: Schema?) -> JSONValue {
        let position = Position(name: name)
        guard let compiled else { return value(of: [schema], Self.attempts[0], position) }
        return firstValid(compiled) { value(of: [schema], $0, position) }
    }

    private func firstValid(_ compiled: Schema, _ make: (Attempt) -> JSONValue) -> JSONValue {
        var first: JSONValue?
        for attempt in Self.attempts {
            let made = make(attempt)
            if isValid(made, compiled) { return made }
            if first == nil { first = made }
        }
        return first ?? .null
    }

    func isValid(_ value: JSONValue, _ compiled: Schema) -> Bool {
        guard let document = try? JSONDocument(parsing: value.encoded()) else { return false }
        return compiled.isValid(document.root, as: direction)
    }

    /// Where in the whole a value stands.
    struct Position {
        /// What the member is called that holds it.
        var name = ""
        var depth = 0
        /// The named schemas around it.
        var within: [String] = []
        /// How many values are around it, elements of lists too.
        var steps = 0

        func member(_ name: String) -> Position {
            Position(name: name, depth: depth + 1, within: within, steps: steps + 1)
        }

        /// An element is no deeper than its list: what it holds is as close to the reader.
        var element: Position {
            Position(name: ExampleText.singular(name), depth: depth, within: within, steps: steps + 1)
        }
    }

    // MARK: Values

    /// A value that all of these schemas take.
    func value(of schemas: [JSONValue], _ attempt: Attempt, _ position: Position) -> JSONValue {
        // Schemas that need themselves have no value that ends; another alternative will do.
        if position.steps > 24 { return .null }
        // A name of its own is tried on its own, so that what stands around it need not be tried anew.
        if schemas.count == 1, let name = DocumentTree.schemaName(schemas[0]), let compiled = contract.schema(name) {
            return named(name, compiled, attempt, position)
        }
        return plain(schemas, attempt, position)
    }

    private func named(_ name: String, _ compiled: Schema, _ attempt: Attempt, _ position: Position) -> JSONValue {
        var position = position
        let schema = tree.schema(name)
        if position.within.contains(where: { $0.hasSameBytes(as: name) }) || position.depth > 8 {
            return plain([schema], Attempt(branch: attempt.branch, usesExamples: false, isFull: false), position)
        }
        let key = "\(name) \(position.depth) \(attempt.branch) \(attempt.usesExamples) \(attempt.isFull)"
        if let value = known[key] { return value }
        position.within.append(name)
        var value = plain([schema], attempt, position)
        if !isValid(value, compiled) { value = firstValid(compiled) { plain([schema], $0, position) } }
        known[key] = value
        return value
    }

    private func plain(_ schemas: [JSONValue], _ attempt: Attempt, _ position: Position) -> JSONValue {
        var sum = SchemaSum(tree: tree, branch: attempt.branch)
        for schema in schemas { sum.add(schema) }
        if attempt.usesExamples, let example = sum.example { return example }
        if let value = sum.enumeration?.first(where: { !$0.isNull }) { return value }
        if attempt.usesExamples, let value = sum.defaultValue, !value.isNull, !isEmpty(value) { return value }
        switch sum.type {
        case "object": return object(sum, attempt, position)
        case "array": return array(sum, attempt, position)
        case "string": return .string(ExampleText.text(position.name, sum))
        case "integer": return ExampleNumber.integer(position.name, sum)
        case "number": return ExampleNumber.number(position.name, sum)
        case "boolean": return sum.defaultValue ?? true
        default: return sum.isNullable ? .null : .string(ExampleText.text(position.name, sum))
        }
    }

    private func isEmpty(_ value: JSONValue) -> Bool {
        value.array?.isEmpty == true || value.object?.isEmpty == true || value.string?.isEmpty == true
    }

    private func array(_ sum: SchemaSum, _ attempt: Attempt, _ position: Position) -> JSONValue {
        let least = Int(max(0, min(sum.least("minItems") ?? 0, 10)))
        let most = sum.most("maxItems") ?? .infinity
        if most < 1 || sum.items.isEmpty && least == 0 { return .array([]) }
        if least == 0, !attempt.isFull && position.depth > 0 || position.depth > 7 { return .array([]) }
        // What has no end but an empty list ends here.
        if least == 0, let items = sum.items.first, let name = DocumentTree.schemaName(items),
            position.within.contains(where: { $0.hasSameBytes(as: name) })
        {
            return .array([])
        }
        return .array((0..<min(max(least, 1), 10)).map { _ in value(of: sum.items, attempt, position.element) })
    }

    private func object(_ sum: SchemaSum, _ attempt: Attempt, _ position: Position) -> JSONValue {
        var object = JSONObject()
        var optional = attempt.isFull ? room(at: position.depth) : 0
        for (name, schemas) in sum.members {
            let isRequired = sum.requires(name)
            if isHidden(schemas) && !(isRequired && direction == .response) { continue }
            if !isRequired {
                let isDeprecated = schemas.contains { tree.resolve($0)["deprecated"]?.bool == true }
                guard optional > 0, !isDeprecated, !leadsBack(schemas, position) else { continue }
                optional -= 1
            }
            object[name] = value(of: schemas, attempt, position.member(name))
        }
        if let values = sum.values, object.isEmpty, attempt.isFull, position.depth < 6 {
            object[ExampleText.key(of: position.name)] = value(of: [values], attempt, position.member("value"))
        } else if object.isEmpty, sum.members.isEmpty, sum.isOpen, attempt.isFull, direction == .request {
            object = ExampleText.metadata(position.name)
        }
        return .object(object)
    }

    /// How many members an object shows that need not be there.
    private func room(at depth: Int) -> Int {
        switch (direction, depth) {
        case (.request, 0): 6
        case (.request, 1): 4
        case (.request, 2...4): 2
        case (.request, _): 0
        case (.response, 0...1): 60
        case (.response, 2): 20
        case (.response, 3...5): 6
        case (.response, _): 0
        }
    }

    private func isHidden(_ schemas: [JSONValue]) -> Bool {
        let word = direction == .request ? "readOnly" : "writeOnly"
        return schemas.contains { $0[word]?.bool == true || tree.resolve($0)[word]?.bool == true }
    }

    /// Whether the schemas lead back to one that is being made.
    private func leadsBack(_ schemas: [JSONValue], _ position: Position) -> Bool {
        schemas.contains { schema in
            let resolved = DocumentTree.schemaName(schema) == nil ? schema["allOf"]?[0] ?? schema : schema
            guard let name = DocumentTree.schemaName(resolved) else { return false }
            return position.within.contains { $0.hasSameBytes(as: name) }
        }
    }
}

/// A memory of one ``ExampleMaker``.
private final class KnownExamples {
    private var values: [ClientText: JSONValue] = [:]

    subscript(key: String) -> JSONValue? {
        get { values[ClientText(key)] }
        set { values[ClientText(key)] = newValue }
    }
}
