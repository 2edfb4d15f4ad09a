public import HTTPTypes

// Compared by bytes: these fields are ASCII, and looking for the borders of characters costs more than all the rest.

extension HTTPFields {
    /// Whether the client has what it asks for: `If-None-Match` names the tag, or any (RFC 9110, 13.1.2: weakly).
    public func hasEntity(tagged tag: String) -> Bool {
        self[values: .ifNoneMatch].contains { list in
            // What nearly every client sends.
            list == tag
                || list.utf8.split(separator: UInt8(ascii: ",")).contains { element in
                    let known = element.trimmed
                    return known.isText("*") || known.isText(tag)
                        || (known.starts(with: "W/".utf8) && known.dropFirst(2).isText(tag))
                }
        }
    }

    /// Whether the client takes an answer packed with gzip: `Accept-Encoding` names it, or any coding, and not with a
    /// weight of zero (RFC 9110, 12.5.3).
    public var acceptsGzip: Bool {
        var other = false
        for list in self[values: .acceptEncoding] {
            for element in list.lowercased().utf8.split(separator: UInt8(ascii: ",")) {
                let parts = element.split(separator: UInt8(ascii: ";")).map(\.trimmed)
                guard let coding = parts.first, coding.isText("gzip") || coding.isText("*") else { continue }
                let weight =
                    parts.dropFirst().first { $0.starts(with: "q=".utf8) }
                    .flatMap { Double(Substring($0.dropFirst(2))) } ?? 1
                if coding.isText("gzip") { return weight > 0 }
                other = weight > 0
            }
        }
        return other
    }
}

extension HTTPFields {
    /// Whether the client waits to be told that it may send the body: `Expect` holds `100-continue`, among others perhaps
    /// (RFC 9110, 10.1.1).
    var awaitsInvitation: Bool {
        self[values: .expect].contains { list in
            BodyInvitation.isAwaited(
                list.utf8.split(separator: UInt8(ascii: ",")).map { Substring($0.trimmed) })
        }
    }
}

extension Substring.UTF8View {
    /// Without blanks around it.
    var trimmed: Substring.UTF8View {
        func isBlank(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        guard let start = firstIndex(where: { !isBlank($0) }), let end = lastIndex(where: { !isBlank($0) }) else {
            return self[endIndex...]
        }
        return self[start...end]
    }

    fileprivate func isText(_ text: String) -> Bool { elementsEqual(text.utf8) }
}
