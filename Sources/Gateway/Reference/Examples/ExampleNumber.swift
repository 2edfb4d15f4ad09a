import JSON
import Text

/// Numbers for examples, by their bounds and their name.
enum ExampleNumber {
    /// The moment that all examples share, in seconds since 1970.
    private static let moment: Double = 1_768_469_400

    /// What begins at that moment ends so many seconds later.
    private static let month: Double = 30 * 86_400

    static func integer(_ name: String, _ sum: SchemaSum) -> JSONValue {
        .integer(Int64(bounded(wish(name.lowercased(), sum), sum).rounded(.up)))
    }

    static func number(_ name: String, _ sum: SchemaSum) -> JSONValue {
        let value = bounded(wish(name.lowercased(), sum), sum)
        return value == value.rounded() && abs(value) < 1e15 ? .integer(Int64(value)) : .double(value)
    }

    private static func wish(_ name: String, _ sum: SchemaSum) -> Double {
        if let value = sum.defaultValue?.double { return value }
        let isMoment =
            ["timestamp", "_at", "_time", "_until", "date"].contains { name.hasByteSuffix($0) } || name == "time"
        if isMoment, (sum.most("maximum") ?? .infinity) > moment {
            let isMilliseconds = sum.text("format") == "int64" && name.hasByteSuffix("date")
            let value = name.hasBytePrefix("end") ? moment + month : moment
            return isMilliseconds ? value * 1_000 : value
        }
        if let known = ids.first(where: { name.hasSameBytes(as: $0.0) }) { return known.1 }
        if name == "id" || name.hasByteSuffix("_id") { return 10_042 }
        if name.hasByteSuffix("code") { return 200 }
        if ["revenue", "amount", "price"].contains(where: { name.containsBytes(of: $0) }) { return 49.9 }
        if ["rate", "confidence", "percent"].contains(where: { name.containsBytes(of: $0) }) { return 0.95 }
        return 1
    }

    private static let ids: [(String, Double)] = [
        ("account_id", 10_001), ("project_id", 10_007), ("experience_id", 10_021), ("variation_id", 10_033),
        ("goal_id", 10_054), ("project", 10_007), ("primary_goal", 10_054), ("goal", 10_054), ("page", 1),
        ("results_per_page", 20),
    ]

    /// Within the bounds, and a multiple of what it must be one of.
    private static func bounded(_ wish: Double, _ sum: SchemaSum) -> Double {
        let step = sum.most("multipleOf") ?? 0
        var value = wish
        if let least = sum.least("minimum"), value < least || (value == least && sum.flag("exclusiveMinimum")) {
            value = sum.flag("exclusiveMinimum") ? least + max(step, 1) : least
        }
        if let most = sum.most("maximum"), value > most || (value == most && sum.flag("exclusiveMaximum")) {
            value = sum.flag("exclusiveMaximum") ? most - max(step, 1) : most
        }
        if step >= 1 { value = (value / step).rounded() * step }
        return min(max(value, -1e15), 1e15)
    }
}
