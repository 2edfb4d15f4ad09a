import EventStore
package import JSON

/// Looks once at every property of an object: limits are kept and the shape for the catalogue is made on the way.
package enum PropertiesCheck {
    /// - Parameters:
    ///   - maximumBytes: the whole object's size as JSON, nil for no limit of its own.
    ///   - field: what the object is called in messages.
    /// - Returns: the shape, see `PropertyShape`.
    package static func shape(
        of object: JSONNode, limits: IngestionLimits, maximumBytes: Int?, field: StaticString
    ) throws(EventRejection) -> UInt64 {
        guard object.kind == .object else {
            throw EventRejection(
                .wrongType, field: "\(field)", "\(field) must be an object of properties, got \(object.kind.phrase).")
        }
        guard object.count <= limits.propertyCount else {
            throw EventRejection(
                .tooManyProperties, field: "\(field)",
                "\(field) has \(object.count) properties; at most \(limits.propertyCount) are allowed.")
        }
        var shape = PropertyShape()
        for member in object.members {
            let value = member.value
            value.withKeyUTF8 { shape.add(name: $0, type: PropertyType(of: value)) }
            try checkLengths(of: value, limits: limits, field: field)
        }
        let byteCount = object.withRawText { $0.count }
        if let maximumBytes, byteCount > maximumBytes {
            throw EventRejection(
                .propertiesTooLarge, field: "\(field)",
                "\(field) is \(byteCount) bytes of JSON; at most \(maximumBytes) are allowed.")
        }
        return shape.value
    }

    private static func checkLengths(
        of value: JSONNode, limits: IngestionLimits, field: StaticString
    ) throws(EventRejection) {
        // A text has at most as many characters as bytes, so characters are only counted where bytes say they must be.
        if value.withKeyUTF8({ $0.count }) > limits.propertyNameLength,
            let name = value.key, name.unicodeScalars.count > limits.propertyNameLength
        {
            throw EventRejection(
                .tooLong, field: "\(field).\(name.prefix(40))…",
                "A property's name has \(name.unicodeScalars.count) characters; at most \(limits.propertyNameLength) are allowed."
            )
        }
        if value.withUTF8({ $0.count }) > limits.propertyValueLength,
            let text = value.string, text.unicodeScalars.count > limits.propertyValueLength
        {
            let name = value.key ?? ""
            throw EventRejection(
                .tooLong, field: "\(field).\(name)",
                "\(field).\(name) has \(text.unicodeScalars.count) characters; at most \(limits.propertyValueLength) are allowed."
            )
        }
    }
}
