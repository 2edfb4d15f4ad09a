/// Media types as the contract's tables name them.
enum MediaType {
    /// Type and subtype in lower case, without parameters: `Application/JSON; charset=utf-8` is `application/json`.
    static func essence(of text: some StringProtocol) -> String {
        let essence = text.prefix { $0 != ";" }
        return String(essence.filter { $0 != " " && $0 != "\t" }).lowercased()
    }

    /// Whether bodies of the type are JSON documents.
    static func isJSON(_ essence: String) -> Bool { essence.hasSuffix("/json") || essence.hasSuffix("+json") }
}
