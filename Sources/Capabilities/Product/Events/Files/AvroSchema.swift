import JSON
import Text

/// The part of Avro's schemas (Apache Avro 1.11 specification) that tables of events are written with: everything but
/// types that hold themselves.
indirect enum AvroSchema {
    case null
    case boolean
    /// `int` and `long`, which are written alike.
    case integer(Moment?)
    case float
    case double
    /// `string` and `bytes`, which must be UTF-8.
    case text
    case fixed(byteCount: Int)
    case symbol([String])
    case array(AvroSchema)
    case map(AvroSchema)
    case union([AvroSchema])
    case record([(name: String, schema: AvroSchema)])

    /// What a number stands for that is a time.
    enum Moment: String {
        case days = "date"
        case milliseconds = "timestamp-millis"
        case microseconds = "timestamp-micros"
    }

    /// Of definitions within each other, and of all levels that a value may have through names of other types.
    private static let (maximumDepth, maximumLevels) = (16, 64)
    private static let maximumFields = 1_000

    /// A schema with the levels that its values may have.
    fileprivate struct Measured {
        let schema: AvroSchema
        let levels: Int

        init(_ schema: AvroSchema, levels: Int = 1) {
            self.schema = schema
            self.levels = levels
        }

        /// One around others.
        /// - Returns: nil when it has more levels than are read.
        init?(_ schema: AvroSchema, around parts: [Measured]) {
            levels = 1 + (parts.map(\.levels).max() ?? 0)
            guard levels <= maximumLevels else { return nil }
            self.schema = schema
        }
    }

    /// Reads a schema; nil when it is none, or one that is not read here.
    init?(_ json: JSONValue) {
        var names = Names()
        guard let read = Self.read(json, &names, depth: 0) else { return nil }
        self = read.schema
    }

    private static func read(_ json: JSONValue, _ names: inout Names, depth: Int) -> Measured? {
        guard depth < maximumDepth else { return nil }
        switch json {
        case .string(let name): return primitive(name, nil).map { Measured($0) } ?? names[name]
        case .array(let branches):
            guard branches.count <= maximumFields else { return nil }
            var schemas: [Measured] = []
            for branch in branches {
                guard let schema = read(branch, &names, depth: depth + 1) else { return nil }
                schemas.append(schema)
            }
            return Measured(.union(schemas.map(\.schema)), around: schemas)
        case .object(let object): return read(object, &names, depth: depth)
        default: return nil
        }
    }

    private static func read(_ object: JSONObject, _ names: inout Names, depth: Int) -> Measured? {
        guard let type = object["type"] else { return nil }
        guard let kind = type.string else { return read(type, &names, depth: depth + 1) }
        let outerNamespace = names.namespace
        defer { names.namespace = outerNamespace }
        if ["record", "enum", "fixed"].contains(kind) { names.enter(object) }
        func element(_ member: String) -> Measured? {
            object[member].flatMap { read($0, &names, depth: depth + 1) }
        }
        let schema: Measured?
        switch kind {
        case "record": schema = record(object, &names, depth: depth)
        case "enum": schema = object["symbols"]?.array.map { Measured(.symbol($0.map { $0.string ?? "" })) }
        case "fixed":
            let count = object["size"]?.int64.flatMap { (0...4_096).contains($0) ? Int($0) : nil }
            schema = count.map { Measured(.fixed(byteCount: $0)) }
        case "array": schema = element("items").flatMap { Measured(.array($0.schema), around: [$0]) }
        case "map": schema = element("values").flatMap { Measured(.map($0.schema), around: [$0]) }
        default: schema = primitive(kind, object["logicalType"]?.string).map { Measured($0) } ?? names[kind]
        }
        if let name = object["name"]?.string { names[name] = schema }
        return schema
    }

    private static func record(_ object: JSONObject, _ names: inout Names, depth: Int) -> Measured? {
        guard let members = object["fields"]?.array, members.count <= maximumFields else { return nil }
        var fields: [(name: String, schema: AvroSchema)] = []
        var parts: [Measured] = []
        for member in members {
            guard let name = member["name"]?.string,
                let schema = member["type"].flatMap({ read($0, &names, depth: depth + 1) })
            else { return nil }
            fields.append((name, schema.schema))
            parts.append(schema)
        }
        return Measured(.record(fields), around: parts)
    }

    private static func primitive(_ name: String, _ logicalType: String?) -> AvroSchema? {
        switch name {
        case "null": .null
        case "boolean": .boolean
        case "int", "long": .integer(logicalType.flatMap(Moment.init(rawValue:)))
        case "float": .float
        case "double": .double
        case "string", "bytes": .text
        default: nil
        }
    }
}

/// The types that a schema has named so far (Apache Avro 1.11 specification, "Names").
private struct Names {
    private var schemas: [ClientText: AvroSchema.Measured] = [:]
    /// That of the type under way; names without dots are in it.
    var namespace = ""

    /// Takes the namespace that the definition of a type is in.
    mutating func enter(_ definition: JSONObject) {
        if let name = definition["name"]?.string, let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) {
            namespace = String(name[..<dot])
        } else if let namespace = definition["namespace"]?.string {
            self.namespace = namespace
        }
    }

    subscript(_ name: String) -> AvroSchema.Measured? {
        // Where its own namespace has no such type, one without a namespace is meant.
        get { schemas[fullName(name)] ?? schemas[ClientText(name)] }
        set { schemas[fullName(name)] = newValue }
    }

    private func fullName(_ name: String) -> ClientText {
        let isFull = namespace.isEmpty || name.utf8.contains(UInt8(ascii: "."))
        return ClientText(isFull ? name : "\(namespace).\(name)")
    }
}
