public import HTTPTypes

extension HTTPFields {
    /// Whether the client has what it asks for: `If-None-Match` names the tag, or any (RFC 9110, 13.1.2: weakly).
    public func hasEntity(tagged tag: String) -> Bool {
        guard let list = self[.ifNoneMatch] else { return false }
        return list.split(separator: ",").contains { element in
            let known = element.trimmed
            return known == "*" || known == tag || (known.hasPrefix("W/") && known.dropFirst(2) == tag)
        }
    }

    /// Whether the client takes an answer packed with gzip: `Accept-Encoding` names it, or any coding, and not with a
    /// weight of zero (RFC 9110, 12.5.3).
    public var acceptsGzip: Bool {
        var other = false
        for element in (self[.acceptEncoding] ?? "").lowercased().split(separator: ",") {
            let parts = element.split(separator: ";").map(\.trimmed)
            let weight = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
            if parts.first == "gzip" { return weight > 0 }
            if parts.first == "*" { other = weight > 0 }
        }
        return other
    }
}

extension Substring {
    /// Without blanks around it.
    fileprivate var trimmed: Substring {
        guard let start = firstIndex(where: { $0 != " " && $0 != "\t" }),
            let end = lastIndex(where: { $0 != " " && $0 != "\t" })
        else { return "" }
        return self[start...end]
    }
}
