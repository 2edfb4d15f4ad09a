/// The parameters in a request's address.
public struct PathParameters: Sendable {
    /// Percent-decoded, in the order of the path.
    let items: [(name: String, value: String)]

    /// Whether the operation's template has a parameter.
    public func has(_ name: String) -> Bool { items.contains { $0.name == name } }

    /// A parameter that the operation's template has.
    public func path(_ name: String) throws(APIError) -> String {
        guard let value = items.last(where: { $0.name == name })?.value else {
            throw APIError.notFound("The address lacks \(name).")
        }
        return value
    }

    /// An integer of the path; anything else names nothing that exists.
    public func pathID(_ name: String) throws(APIError) -> Int64 {
        let text = try path(name)
        guard let value = Int64(text), value > 0 else {
            throw APIError.notFound("There is no \(name) \(text.prefix(64)).")
        }
        return value
    }
}
