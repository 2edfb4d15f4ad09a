import JSON

/// Checks one value against one schema.
struct Validator<Sink: ViolationSink> {
    let graph: SchemaGraph
    let direction: Schema.Direction
    var sink: Sink

    /// How many more schemas may be applied: alternatives within alternatives could otherwise multiply without end.
    private var remaining: Int

    /// Whether the validation was broken off, so that its silence means nothing.
    var isExhausted: Bool { remaining <= 0 }

    init(graph: SchemaGraph, direction: Schema.Direction, sink: Sink, budget: Int) {
        self.graph = graph
        self.direction = direction
        self.sink = sink
        remaining = budget
    }

    /// Enough for any honest document of this many values.
    static func budget(for document: JSONDocument) -> Int { 200_000 + 16 * document.valueCount }

    /// Returns whether to go on looking.
    mutating func check(_ value: JSONNode, _ index: Int) -> Bool {
        remaining -= 1
        guard remaining > 0 else { return sink.report("complexity", "is too intricate to check") }
        let schema = graph.nodes[index]
        let kind = value.kind
        if schema.isNullable, kind == .null { return true }
        if !schema.types.isEmpty, !schema.types.allows(value) {
            let isFromText = sink.isFromText
            return sink.report("type", Self.typeMessage(schema.types, value, isFromText: isFromText))
        }
        if let enumeration = schema.enumeration {
            guard checkEnumeration(value, enumeration) else { return false }
        }
        switch kind {
        case .string:
            if let rules = schema.string { guard checkString(value, rules) else { return false } }
        case .integer, .unsigned, .double:
            if let rules = schema.number { guard checkNumber(value, rules) else { return false } }
        case .array:
            if let rules = schema.array { guard checkArray(value, rules) else { return false } }
        case .object:
            if let rules = schema.object { guard checkObject(value, rules) else { return false } }
        case .null, .boolean: break
        }
        for part in schema.allOf { guard check(value, part) else { return false } }
        if !schema.anyOf.isEmpty { guard checkAnyOf(value, schema.anyOf) else { return false } }
        if let union = schema.oneOf { guard checkOneOf(value, union) else { return false } }
        if let negated = schema.not, matches(value, negated) {
            return sink.report("not", "must not be \(Self.show(value))")
        }
        return true
    }

    /// Whether a schema holds, without a word about why not.
    mutating func matches(_ value: JSONNode, _ index: Int) -> Bool {
        var trial = Validator<FirstViolation>(
            graph: graph, direction: direction, sink: FirstViolation(), budget: remaining)
        _ = trial.check(value, index)
        remaining = trial.remaining
        return !trial.sink.isViolated
    }

    /// What a schema finds wrong, for comparison with others; nil when this validation does not explain.
    mutating func explain(_ value: JSONNode, _ index: Int) -> [Violation]? {
        guard let collector = sink.makeCollector() else { return nil }
        var trial = Validator<ViolationCollector>(
            graph: graph, direction: direction, sink: collector, budget: remaining)
        _ = trial.check(value, index)
        remaining = trial.remaining
        return trial.sink.violations
    }

    private static func typeMessage(_ types: TypeSet, _ value: JSONNode, isFromText: Bool) -> String {
        if isFromText, value.kind == .string { return "must be \(types.phrase), got \(show(value))" }
        if types.contains(.integer), !types.contains(.number), value.kind.isNumber {
            return value.kind == .unsigned || value.double.map { $0.rounded() == $0 } ?? false
                ? "must be an integer of at most 64 bits" : "must be \(types.phrase), got \(show(value))"
        }
        return "must be \(types.phrase), got \(value.kind.phrase)"
    }

    /// A value in a message: as it stood, cut when long.
    static func show(_ value: JSONNode) -> String {
        switch value.kind {
        case .array, .object: value.kind.phrase
        default: show(value.rawText)
        }
    }

    static func show(_ text: String) -> String {
        text.unicodeScalars.count > 80 ? String(text.unicodeScalars.prefix(79)) + "…" : text
    }
}
