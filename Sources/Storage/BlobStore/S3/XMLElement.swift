/// An element of the small XML documents that S3 services answer with.
///
/// Reads elements, character data, CDATA, the predefined and numeric entities; skips attributes, comments and processing
/// instructions. Refuses document type declarations, so that nothing can be expanded or fetched, and deep nesting.
struct XMLElement: Sendable, Hashable {
    /// Without a namespace prefix.
    let name: String
    /// The character data directly inside, entities resolved.
    var text = ""
    var children: [XMLElement] = []

    /// The first child called `name`.
    subscript(_ name: String) -> XMLElement? {
        children.first { $0.name == name }
    }

    /// The root element of `document`.
    /// - Throws: ``XMLSyntaxError``.
    init(document: [UInt8]) throws(XMLSyntaxError) {
        var reader = XMLReader(bytes: document)
        self = try reader.root()
    }

    init(name: String) {
        self.name = name
    }
}

/// A document that is not the XML expected. `offset` counts bytes.
struct XMLSyntaxError: Error, Hashable {
    let reason: String
    let offset: Int
}

extension String {
    /// This text as XML character data.
    var escapedForXML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
    }
}
