extension JSONLimits {
    /// For reading back what the server itself has stored: as much as the parser can hold. Limits for what clients send
    /// are checked when it comes in; what has passed them, and may have grown by merging since, must stay readable.
    public static let stored = JSONLimits(maxDepth: 1_024, maxValues: .max, maxExponent: .max)
}

extension JSONDocument {
    /// Parses what the server itself has stored, without the limits for what clients send.
    ///
    /// - Throws: ``JSONError`` when it is damaged.
    public convenience init(stored text: String) throws(JSONError) {
        try self.init(parsing: text, limits: .stored)
    }

    /// The same for bytes, which are copied and need not outlive the call.
    ///
    /// - Throws: ``JSONError`` when they are damaged.
    public convenience init(stored bytes: UnsafeRawBufferPointer) throws(JSONError) {
        try self.init(parsing: bytes, limits: .stored)
    }
}

extension JSONValue {
    /// Parses what the server itself has stored, without the limits for what clients send.
    ///
    /// - Throws: ``JSONError`` when it is damaged.
    public init(stored text: String) throws(JSONError) {
        self = try JSONValue(parsing: text, limits: .stored)
    }

    /// The same for bytes.
    ///
    /// - Throws: ``JSONError`` when they are damaged.
    public init(stored bytes: [UInt8]) throws(JSONError) {
        self = try JSONValue(parsing: bytes, limits: .stored)
    }
}
