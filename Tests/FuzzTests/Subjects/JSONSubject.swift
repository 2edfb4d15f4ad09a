import JSON

/// Documents: what is read is written again as it was.
struct JSONSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        #"{"users":[{"user_id":"ann","metadata":{"plan":"pro","seats":3,"ratio":1.50,"tags":["a","b"],"none":null}}]}"#,
        #"[0,-0,1e5,1E-5,0.1,123456789012345678901,9223372036854775807,18446744073709551615,true,false,null]"#,
        #"{"a":"\u00e9\u0065\u0301\ud83d\ude00\n\t\"\\\/","":{"b":[[],{}]}}"#, "  [1 , 2]\r\n", "\u{FEFF}{}",
        "{" + (0..<20).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}", "\"x\"", "1\n2\n\n{\"a\":1}\r\n",
    ])
    let tokens: [[UInt8]] = .texts([
        "{\"a\":", "\"b\":", "\"\\u0061\":", "\"e\u{301}\":", "\"\u{E9}\":", "[1,", "1.50", "15e-1", "-0.0", "\\ud83d",
        "\\ude00", "\"a\"", ",\"a\":1", "}", "]", "nul", "tru", "\\u0000", "1e400", "NaN", "\"users\":[",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let limits = Self.limits(&random)
        var outcome = "lines"
        for line in JSONLines(input, limits: limits) {
            try require(line.range.upperBound <= input.count, "a line ends behind the text")
            if case .failure(let error) = line.result { outcome += Self.name(of: error) }
        }
        let whole = Result { () throws(JSONError) in try JSONDocument(parsing: input, limits: limits) }
        for lists in [[], ["users"], ["users", "tags"]] {
            outcome += try checkElements(input, lists, limits, isWhole: (try? whole.get()) != nil)
        }
        switch whole {
        case .success(let document): return outcome + (try check(document))
        case .failure(let error):
            try require(!error.message.isEmpty && error.path.utf8.count < 100_000, "an error without words")
            return outcome + Self.name(of: error)
        }
    }

    /// What is refused is refused alone, and what is taken is what it would be by itself.
    private func checkElements(
        _ input: [UInt8], _ lists: [String], _ limits: JSONLimits, isWhole: Bool
    ) throws -> String {
        guard let body = try? JSONElementwise(parsing: input, lists: lists, limits: limits) else {
            try require(!isWhole, "a good document is refused")
            return ""
        }
        var outcome = ""
        let list = lists.first.map { body.root[$0] } ?? body.root
        for element in list.map({ Array($0.elements.prefix(50)) }) ?? [] {
            if let error = body.error(of: element) {
                try require(!isWhole, "an element of a good document is refused")
                outcome += Self.name(of: error)
            } else {
                try require(
                    (try? JSONDocument(parsing: element.rawText, limits: limits)) != nil, "a bad element is taken")
            }
        }
        return outcome
    }

    private static func limits(_ random: inout FuzzRandom) -> JSONLimits {
        switch random.below(6) {
        case 0, 1:
            JSONLimits(
                maxDepth: 1 + random.below(8), maxValues: 1 + random.below(20), maxExponent: random.below(40))
        case 2: JSONLimits(maxExponent: .max)
        default: .standard
        }
    }

    private func check(_ document: JSONDocument) throws -> String {
        let limits = JSONLimits(maxDepth: 1_024, maxExponent: .max)
        let value = document.root.value
        let written = value.encoded()
        let again = try JSONDocument(parsing: written, limits: limits)
        try require(again.valueCount == document.valueCount, "\(again.valueCount), not \(document.valueCount) values")
        try require(again.root.value.encoded() == written, "written and read again it differs: \(value)")
        var writer = JSONWriter()
        writer.node(document.root)
        let copied = try JSONDocument(parsing: writer.bytes, limits: limits)
        try require(copied.root.value.encoded() == written, "its source means something else: \(value)")
        return walk(document.root, depth: 0)
    }

    /// Asks every node for everything.
    private func walk(_ node: JSONNode, depth: Int) -> String {
        if let plain = node.plainNumber {
            _ = try? JSONDocument(parsing: plain, limits: JSONLimits(maxExponent: .max)).root.double
        }
        _ = (node.int64, node.double, node.bool, node.string, node.key, node.rawText, node[0], node["a"], node.count)
        guard depth < 3 else { return "" }
        let children = Array(node.elements) + node.members.map(\.value)
        return "\(node.kind)" + children.prefix(4).map { walk($0, depth: depth + 1) }.joined()
    }

    static func name(of error: JSONError) -> String {
        if case .malformed(let defect, _, _) = error { return "\(defect)" }
        return String("\(error)".prefix(24))
    }
}
