/// The path part of the servers that a document, path or operation lists.
enum ServerPath {
    /// The path of the first server, without its host: `https://example.com/v1` gives `/v1`. Nil without servers.
    static func first(of place: ContractTree.Place) -> String? {
        guard let url = place.child("servers")?.elements.first?.string("url") else { return nil }
        guard let separator = url.firstRange(of: "://") else { return url }
        let rest = url[separator.upperBound...]
        return rest.firstIndex(of: "/").map { String(rest[$0...]) } ?? ""
    }

    /// With a slash in front and none behind; empty for the root.
    static func normalize(_ path: String) -> String {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        return parts.map { "/" + $0 }.joined()
    }
}
