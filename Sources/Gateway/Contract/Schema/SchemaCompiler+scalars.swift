import JSON

extension SchemaCompiler {
    func numberRules(of place: ContractTree.Place) -> NumberRules? {
        let value = place.value
        // 3.0 has flags beside minimum and maximum, 3.1 numbers of their own.
        var minimum = NumericBound(value["minimum"], isExclusive: place.flag("exclusiveMinimum"))
        var maximum = NumericBound(value["maximum"], isExclusive: place.flag("exclusiveMaximum"))
        if let bound = NumericBound(value["exclusiveMinimum"], isExclusive: true) {
            minimum = minimum.map { $0.value.double ?? 0 > bound.value.double ?? 0 ? $0 : bound } ?? bound
        }
        if let bound = NumericBound(value["exclusiveMaximum"], isExclusive: true) {
            maximum = maximum.map { $0.value.double ?? 0 < bound.value.double ?? 0 ? $0 : bound } ?? bound
        }
        if place.string("format") == "int32" {
            minimum = minimum ?? NumericBound(.integer(Int64(Int32.min)), isExclusive: false)
            maximum = maximum ?? NumericBound(.integer(Int64(Int32.max)), isExclusive: false)
        } else if place.string("format") == "int64" {
            minimum = minimum ?? NumericBound(.integer(.min), isExclusive: false)
            maximum = maximum ?? NumericBound(.integer(.max), isExclusive: false)
        }
        let multipleOf = value["multipleOf"]?.double.flatMap { $0 > 0 ? $0 : nil }
        guard minimum != nil || maximum != nil || multipleOf != nil else { return nil }
        return NumberRules(minimum: minimum, maximum: maximum, multipleOf: multipleOf)
    }

    func stringRules(of place: ContractTree.Place) throws(ContractError) -> StringRules? {
        let minLength = count(place, "minLength") ?? 0
        let maxLength = count(place, "maxLength") ?? .max
        var pattern: TextPattern?
        if let source = place.string("pattern") { pattern = try textPattern(source, at: place.pointer + "/pattern") }
        let format = place.string("format").flatMap(TextFormat.init(rawValue:))
        guard minLength > 0 || maxLength < .max || pattern != nil || format != nil else { return nil }
        return StringRules(minLength: minLength, maxLength: maxLength, pattern: pattern, format: format)
    }

    func textPattern(_ source: String, at pointer: String) throws(ContractError) -> TextPattern {
        guard let pattern = TextPattern(source) else {
            throw .invalid(pointer: pointer, reason: "not a regular expression: \(source)")
        }
        return pattern
    }

    func count(_ place: ContractTree.Place, _ keyword: String) -> Int? {
        place.value[keyword]?.int64.map { Int(max(0, $0)) }
    }
}
