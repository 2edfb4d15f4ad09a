import JSON

/// A parameter of an operation.
public struct Parameter: Sendable {
    /// The name; for headers in whatever case the contract has.
    public let name: String
    /// Where the parameter stands; never the body.
    public let location: Violation.Location
    /// Whether a request without it is refused.
    public let isRequired: Bool
    /// How arrays and objects are written.
    public let style: Style
    /// Whether each element or member is written as a parameter of its own.
    public let isExploded: Bool
    /// What the value must match; nil when anything goes.
    public let schema: Schema?

    /// How arrays and objects are written.
    public enum Style: String, Sendable {
        case form
        case simple
        case spaceDelimited
        case pipeDelimited
        case deepObject
    }

    init(_ place: ContractTree.Place, compiler: SchemaCompiler) throws(ContractError) {
        guard let name = place.string("name"), let location = place.string("in").flatMap(Violation.Location.init),
            location != .body
        else { throw .invalid(pointer: place.pointer, reason: "a parameter needs a name and a place") }
        self.name = name
        self.location = location
        let usual: Style = location == .path || location == .header ? .simple : .form
        guard let style = place.string("style").map(Style.init(rawValue:)) ?? usual else {
            throw .invalid(pointer: place.pointer + "/style", reason: "this style is not supported")
        }
        self.style = style
        isExploded = place.value["explode"]?.bool ?? (style == .form)
        isRequired = place.flag("required")
        schema = if let schema = place.child("schema") { try compiler.schema(at: schema) } else { nil }
    }

    /// Whether HTTP itself speaks of the header: OpenAPI says to ignore most of these here, and a coding has more names
    /// than a contract lists.
    var isIgnored: Bool {
        location == .header
            && ["accept", "content-type", "content-encoding", "authorization"].contains(name.lowercased())
    }
}
