import JSON

/// Checks the arguments of `range` and `generate_series`: whole numbers, written out, and not too many values.
enum NumberSeries {
    /// Values that one series has at most.
    static let maximumCount: Int64 = 1_000_000

    static func check(_ arguments: [JSONNode], _ name: String) throws(QueryError) {
        var numbers: [Int64] = []
        for argument in arguments {
            guard let number = literal(argument) else {
                throw .refused("The arguments of \(name) must be whole numbers, written out.")
            }
            numbers.append(number)
        }
        let start = numbers.count > 1 ? numbers[0] : 0
        let step = numbers.count > 2 ? numbers[2] : 1
        guard let end = numbers.count > 1 ? numbers[1] : numbers.first, numbers.count <= 3, step != 0 else {
            throw .refused("\(name) takes an end, a start and an end, or a start, an end and a step other than 0.")
        }
        let (span, isTooWide) = end.subtractingReportingOverflow(start)
        guard !isTooWide, span.magnitude / step.magnitude <= maximumCount else {
            throw .refused("\(name) may make at most \(maximumCount) values.")
        }
    }

    /// The value of a literal, which the parser may have wrapped in the minus function.
    private static func literal(_ node: JSONNode) -> Int64? {
        if node["class"]?.isString("CONSTANT") == true {
            guard let number = node["value"]?["value"]?.int64, node["value"]?["type"]?["id"]?.string != "DECIMAL" else {
                return nil
            }
            return number
        }
        guard node["class"]?.isString("FUNCTION") == true, node["function_name"]?.isString("-") == true,
            let children = node["children"], children.count == 1,
            let operand = children[0], operand["class"]?.isString("CONSTANT") == true,
            let number = literal(operand), number != .min
        else { return nil }
        return -number
    }
}
