// `String` looks for whole characters: in "a,\u{301}b" it finds no comma, and "path\u{301}" does not begin with "path".
// These look for bytes, as JSON, SQL, HTTP and the SDKs do. In UTF-8 no text is found across a scalar's boundary.
extension String {
    /// Whether the text begins with these bytes.
    public func hasBytePrefix(_ prefix: String) -> Bool {
        withBytes(of: self) { text in
            withBytes(of: prefix) { $0.count <= text.count && compare(text, $0, count: $0.count) == 0 }
        }
    }

    /// Whether the text ends with these bytes.
    public func hasByteSuffix(_ suffix: String) -> Bool {
        withBytes(of: self) { text in
            withBytes(of: suffix) { suffix in
                guard suffix.count <= text.count else { return false }
                let end = UnsafeBufferPointer(rebasing: text[(text.count - suffix.count)...])
                return compare(end, suffix, count: suffix.count) == 0
            }
        }
    }

    /// Whether the bytes of the part occur in the text; the empty part does in all. Takes time linear in both lengths.
    public func containsBytes(of part: String) -> Bool {
        withBytes(of: self) { text in
            withBytes(of: part) { part in
                guard part.count <= text.count else { return false }
                return part.isEmpty || part.count == text.count && compare(text, part, count: part.count) == 0
                    || occurs(part, in: text)
            }
        }
    }

    /// The pieces between the separators, an ASCII character, whatever combines with it. Empty pieces are left out
    /// unless asked for.
    public func split(
        byte separator: Unicode.Scalar, maxSplits: Int = .max, omittingEmptySubsequences: Bool = true
    ) -> [String] {
        precondition(separator.isASCII, "a byte of UTF-8 is a scalar only in ASCII")
        return utf8.split(
            separator: UInt8(ascii: separator), maxSplits: maxSplits,
            omittingEmptySubsequences: omittingEmptySubsequences
        ).map { String(Substring($0)) }
    }
}

/// Whether the part, which is not empty, occurs in the text (Knuth, Morris, Pratt).
private func occurs(_ part: UnsafeBufferPointer<UInt8>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
    withUnsafeTemporaryAllocation(of: Int.self, capacity: part.count) { borders in
        // For each place, how much of the part's start is also its end there.
        borders.initialize(repeating: 0)
        var matched = 0
        for place in 1..<max(part.count, 1) {
            while matched > 0, part[matched] != part[place] { matched = borders[matched - 1] }
            if part[matched] == part[place] { matched += 1 }
            borders[place] = matched
        }
        matched = 0
        for byte in text {
            while matched > 0, part[matched] != byte { matched = borders[matched - 1] }
            if part[matched] == byte { matched += 1 }
            if matched == part.count { return true }
        }
        return false
    }
}
