extension String {
    /// The beginning of the text, at most `length` code points: what JSON Schema's `maxLength` counts.
    public func codePoints(upTo length: Int) -> String {
        String(String.UnicodeScalarView(unicodeScalars.prefix(max(length, 0))))
    }
}
