public import JSON

/// A schema of a contract, compiled: OpenAPI 3.0's dialect of JSON Schema, and the same keywords of 3.1.
///
/// ```swift
/// let violations = schema.validate(document.root)
/// ```
///
/// Where practice differs from the letter: `nullable` admits null whatever else is said; schemas joined by `allOf` know
/// each other's properties, so that `additionalProperties: false` in one does not shut out those of another; read-only
/// members in a request are neither required nor looked at; of `oneOf`, a schema and one that extends it may both match, and
/// an object that fits several, each of which knows members that the others do not, is of the one whose members it has.
public struct Schema: Sendable {
    let graph: SchemaGraph
    let index: Int

    var node: SchemaNode { graph.nodes[index] }

    /// Where the schema stands in its document, as a JSON pointer.
    public var pointer: String { node.pointer }

    /// The value that stands in for an absent one.
    public var defaultValue: JSONValue? { node.defaultValue }

    /// Which way a document travels: read-only members do not count in requests, write-only ones not in responses.
    public enum Direction: Sendable {
        case request
        case response
    }

    /// What is wrong with a value, at most 50 findings in the order of the document; empty when it is valid.
    public func validate(_ node: JSONNode, as direction: Direction = .request) -> [Violation] {
        isValid(node, as: direction) ? [] : findings(node, direction: direction, location: .body, path: [])
    }

    /// Whether a value is valid: faster than looking at what is wrong.
    public func isValid(_ node: JSONNode, as direction: Direction = .request) -> Bool {
        let budget = Validator<FirstViolation>.budget(for: node.document)
        var validator = Validator(graph: graph, direction: direction, sink: FirstViolation(), budget: budget)
        _ = validator.check(node, index)
        return !validator.sink.isViolated && !validator.isExhausted
    }

    func findings(
        _ node: JSONNode, direction: Direction, location: Violation.Location, path: [JSONPathComponent]
    ) -> [Violation] {
        let sink = ViolationCollector(location: location, path: path)
        let budget = Validator<ViolationCollector>.budget(for: node.document)
        var validator = Validator(graph: graph, direction: direction, sink: sink, budget: budget)
        _ = validator.check(node, index)
        guard validator.isExhausted, validator.sink.violations.isEmpty else { return validator.sink.violations }
        return [
            Violation(location: location, path: path, keyword: "complexity", message: "is too intricate to check")
        ]
    }

    /// The types a value may have; empty means any.
    var acceptedTypes: TypeSet { acceptedTypes(of: index, depth: 0) }

    private func acceptedTypes(of index: Int, depth: Int) -> TypeSet {
        let node = graph.nodes[index]
        guard node.types.isEmpty, depth < 16 else { return node.types }
        for branch in node.allOf {
            let types = acceptedTypes(of: branch, depth: depth + 1)
            if !types.isEmpty { return types }
        }
        var types: TypeSet = []
        for branch in node.anyOf + (node.oneOf?.branches ?? []) {
            types.formUnion(acceptedTypes(of: branch, depth: depth + 1))
        }
        return types
    }

    /// The schema of the elements of an array, also when it is said in a part of `allOf`.
    var items: Schema? { items(of: index, depth: 0).map { Schema(graph: graph, index: $0) } }

    private func items(of index: Int, depth: Int) -> Int? {
        let node = graph.nodes[index]
        if let items = node.array?.items { return items }
        guard depth < 16 else { return nil }
        for branch in node.inPlace {
            if let items = items(of: branch, depth: depth + 1) { return items }
        }
        return nil
    }

    /// The schema of a property of an object, also when it is said in a part of `allOf`.
    func property(_ name: String) -> Schema? {
        property(name, of: index, depth: 0).map { Schema(graph: graph, index: $0) }
    }

    private func property(_ name: String, of index: Int, depth: Int) -> Int? {
        let node = graph.nodes[index]
        if let object = node.object, let place = object.keys.place(of: name),
            let schema = object.properties[place].schema
        {
            return schema
        }
        guard depth < 16 else { return nil }
        for branch in node.inPlace {
            if let schema = property(name, of: branch, depth: depth + 1) { return schema }
        }
        return nil
    }
}
