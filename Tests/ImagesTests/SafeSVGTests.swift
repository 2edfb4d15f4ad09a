import Testing

@testable import Images

@Suite struct SafeSVGTests {
    private func safe(_ svg: String) throws -> String {
        String(decoding: try SafeSVG.make(Array(svg.utf8)), as: UTF8.self)
    }

    @Test func drawingsStayAsTheyAre() throws {
        let drawing = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><defs><linearGradient id="g"><stop offset="0">\
            </stop></linearGradient></defs><style>.a{fill:url(#g)}</style><path class="a" d="M0 0h9v9z"></path>\
            <use href="#g"></use><text>a &amp; b &lt; ü</text></svg>
            """
        #expect(try safe("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<!-- c -->" + drawing) == sorted(drawing))
    }

    /// Attributes come out in the order of their names.
    private func sorted(_ drawing: String) -> String {
        drawing.replacing(
            "xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"",
            with: "viewBox=\"0 0 9 9\" xmlns=\"http://www.w3.org/2000/svg\"")
    }

    @Test(arguments: [
        "<script>alert(1)</script>", "<SCRIPT>alert(1)</SCRIPT>", "<g><script href='//evil.example/x.js'/></g>",
        "<foreignObject><body xmlns='http://www.w3.org/1999/xhtml'><script>alert(1)</script></body></foreignObject>",
        "<path onload='alert(1)'/>", "<path ONCLICK='alert(1)'/>",
        "<a href='javascript:alert(1)'><text>evil</text></a>",
        "<use href='https://evil.example/a.svg#x'/>", "<use xlink:href='data:image/svg+xml;base64,evil'/>",
        "<image href='https://evil.example/track.png'/>", "<image href='data:image/svg+xml;base64,evil'/>",
        "<style>@import 'https://evil.example/a.css';</style>", "<style>*{background:url(//evil.example)}</style>",
        "<style>*{background:u\\72l(//evil.example)}</style>", "<path style='fill:url(https://evil.example#a)'/>",
        "<path fill='url( \"https://evil.example#a\" )'/>", "<path filter='URL(//evil.example)'/>",
        "<animate attributeName='href' to='javascript:alert(1)'/>", "<set attributeName='onclick' to='alert(1)'/>",
        "<iframe src='https://evil.example'/>", "<x:script xmlns:x='http://www.w3.org/2000/svg'>alert(1)</x:script>",
        // What combines with a character of the word does not hide it.
        "<style>*{background:url(\u{301}//evil.example)}</style>", "<style>@import\u{301} 'evil';</style>",
        "<style>*{background:\u{600}url(//evil.example)}</style>", "<path fill='javascript:\u{301}evil'/>",
        "<style>*{background:u\\\u{301}72l(//evil.example)}</style>", "<use href='\u{600}#\u{301}evil'/>",
        "<g xml:base='https://evil.example/'/>", "<handler>alert(1)</handler>", "<?evil alert(1)?>",
        "<style><![CDATA[</style><script>alert(1)</script>]]>@import 'evil'</style>",
    ])
    func whatRunsOrCallsOutIsLeftOut(_ content: String) throws {
        let svg =
            "<svg xmlns='http://www.w3.org/2000/svg' xmlns:xlink='http://www.w3.org/1999/xlink'>\(content)<g/></svg>"
        let result = try safe(svg).lowercased()
        #expect(!result.contains("evil") && !result.contains("alert") && !result.contains("script"), "\(result)")
        #expect(result.hasSuffix("<g></g></svg>"))
    }

    @Test(arguments: ["<?x?>", "<?xU?>", "<?x y?>", "<?xml-stylesheet href='evil'?>", "<!---->", "<!-- a - b -->"])
    func instructionsAndCommentsAreLeftOut(_ instruction: String) throws {
        let result = try safe("\(instruction)<svg>\(instruction)<g/></svg>\(instruction)")
        #expect(!result.contains("<?") && !result.contains("<!--") && result.hasSuffix("<g></g></svg>"), "\(result)")
    }

    @Test func picturesInsideStay() throws {
        let svg =
            "<svg xmlns:xlink='http://www.w3.org/1999/xlink'><image xlink:href='data:image/png;base64,AAAA'/></svg>"
        #expect(try safe(svg).contains("data:image/png;base64,AAAA"))
        #expect(try safe(svg).contains("xmlns=\"http://www.w3.org/2000/svg\""))
    }

    @Test(arguments: [
        "<svg", "<svg></g>", "<html><svg></svg></html>", "<svg>&nope;</svg>",
        "<!DOCTYPE svg [<!ENTITY a 'b'>]><svg>&a;</svg>",
        "<!doctype svg [<!entity a SYSTEM 'file:///etc/passwd'>]><svg/>",
        "<svg>\u{0}</svg>", "GIF87", "", "<p>text</p>",
        // Foundation's reader ends the process at these.
        "<!DOCTYPE svg [<!NOTATION n SYSTEM 'y'>]><svg/>", "<!DOCTYPE svg [<!ATTLIST svg a CDATA #IMPLIED>]><svg/>",
        "<svg><?x</svg>", "<svg><<?x?>?y?></svg>",
        // It takes them quadratic time.
        "<svg \((0..<50_000).map { "a\($0)=''" }.joined(separator: " "))/>",
        "<svg><!--\(String(repeating: "-", count: 100_000))", "<svg><!-<!-- -->- --></svg>",
        "<!DOCTYPE svg [\(String(repeating: "%a;", count: 50_000))]><svg/>",
        "<svg>\(String(repeating: "<g>", count: 300_000))",
    ])
    func otherContentIsRefused(_ content: String) {
        #expect(throws: ImageError.self) { try SafeSVG.make(Array(content.utf8)) }
    }

    @Test func deepAndLongContentDoesNoHarm() throws {
        let deep = String(repeating: "<g>", count: 100_000)
        #expect(throws: ImageError.self) { try safe("<svg>\(deep)</svg>") }
        let long = String(repeating: "<g></g>", count: 100_000)
        #expect(try safe("<svg>\(long)</svg>").count > long.count)
        #expect(throws: ImageError.self) { try SafeSVG.make([0xFF, 0xFE, 0x3C, 0x00]) }
    }
}
