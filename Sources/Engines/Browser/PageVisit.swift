/// What a picture is taken of.
public struct PageVisit: Sendable, Equatable {
    /// `http://` or `https://`.
    public var url: String
    /// Leads elsewhere from there: what the pattern matches in the address is replaced, as JavaScript's `replace` does.
    public var redirect: Redirect?
    /// Put into the page.
    public var css: [String] = []
    /// Run in the page, once its document is there.
    public var javaScript: [String] = []
    /// Put at the end of the address, such as `preview=1`.
    public var query: String?

    public struct Redirect: Sendable, Equatable {
        /// A regular expression.
        public var pattern: String
        public var replacement: String
        public var isCaseSensitive: Bool

        public init(pattern: String, replacement: String, isCaseSensitive: Bool) {
            self.pattern = pattern
            self.replacement = replacement
            self.isCaseSensitive = isCaseSensitive
        }
    }

    public init(url: String) {
        self.url = url
    }
}
