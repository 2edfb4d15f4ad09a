@testable import Images

/// Pictures: drawings made safe, and sizes read from the first bytes.
struct SVGSubject: FuzzSubject {
    let samples: [[UInt8]] =
        .texts([
            "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" width=\"9\"><g id=\"a\"><path d=\"M0 0\"/>"
                + "<style>.a{fill:url(#b)}</style><use href=\"#a\"/><script>x()</script></g></svg>",
            "<svg><image href=\"data:image/png;base64,AA\"/><text onclick=\"x\">a &amp; <![CDATA[<b>]]></text></svg>",
            "<svg xmlns:xlink=\"http://www.w3.org/1999/xlink\"><a xlink:href=\"javascript:x\"><rect/></a></svg>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg>&a;</svg>", "<svg><style>@import 'x';</style></svg>",
            "<svg><animate attributeName=\"href\" to=\"javascript:x\"/></svg>",
        ]) + [
            [0x89, 0x50, 0x4E, 0x47, 13, 10, 26, 10, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52, 0, 0, 0, 9, 0, 0, 0, 9, 8],
            [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 0, 0, 0xFF, 0xC0, 0, 11, 8, 0, 9, 0, 9, 1, 1, 0x11, 0],
            Array("GIF89a".utf8) + [9, 0, 9, 0, 0x80, 0, 0, 0, 0, 0, 1, 1, 1, 0x21, 0xF9, 4, 0, 0, 0, 0, 0, 0x2C]
                + [0, 0, 0, 0, 9, 0, 9, 0, 0],
            Array("RIFF".utf8) + [30, 0, 0, 0] + Array("WEBPVP8X".utf8) + [10, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 8, 0, 0],
        ]
    let tokens: [[UInt8]] = .texts([
        "<svg>", "</svg>", "<g ", "/>", "<script>", "<style>", "</style>", "<!--", "-->", "<![CDATA[", "]]>",
        "<!ENTITY",
        "&#0;", "&#x10FFFF;", "&lt;", "href=\"#a\"", "xlink:href=\"", "style=\"", "url(", "url(#", "javascript:",
        "onload=\"", "xmlns=\"", "data:image/png;base64,", "<?x ?>", "GIF89a", "RIFF", "WEBPVP8 ", "WEBPVP8L",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        var outcome = ""
        for format in [ImageFormat.png, .jpeg, .gif, .webp, .svg] {
            guard let size = ImageSize(input, format) else { continue }
            try require(size.width > 0 && size.height > 0 && size.pixels > 0, "a picture of no size")
            outcome += "\(format)"
        }
        if let format = ImageFormat.raster(input) { outcome += " is \(format)" }
        let safe: [UInt8]
        do {
            safe = try SafeSVG.make(input)
        } catch {
            return outcome + " \(error)"
        }
        try check(safe)
        return outcome + " svg \(safe.count / 64)"
    }

    private func check(_ safe: [UInt8]) throws {
        let text = String(decoding: safe, as: UTF8.self)
        guard let again = try? SafeSVG.make(safe) else { throw Broken("made safe, it is refused: \(text)") }
        // The first pass may put the namespace that was missing behind other attributes.
        try require((try? SafeSVG.make(again)) == again, "made safe again and again, it differs: \(text)")
        let lowered = text.lowercased()
        try require(!lowered.contains("<script") && !lowered.contains("javascript:\""), "it runs code: \(text)")
    }
}
