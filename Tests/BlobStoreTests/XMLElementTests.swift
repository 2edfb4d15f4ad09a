import Testing

@testable import BlobStore

struct XMLElementTests {
    @Test func readsWhatServicesSend() throws {
        let document = """
            <?xml version="1.0" encoding="UTF-8"?>
            <!-- a comment with <tags> -->
            <s:Error xmlns:s="http://s3.amazonaws.com/doc/2006-03-01/" note='a > b'>
              <Code>NoSuchKey</Code><Message>a &lt;b&gt; &amp; &quot;c&quot; &#233;&#x20AC;</Message><Empty/>
              <Data><![CDATA[<not & parsed>]]></Data><Code>second</Code>
            </s:Error>
            """
        let root = try XMLElement(document: Array(document.utf8))
        #expect(root.name == "Error")
        #expect(root["Code"]?.text == "NoSuchKey")
        #expect(root["Message"]?.text == "a <b> & \"c\" é€")
        #expect(root["Empty"] == XMLElement(name: "Empty"))
        #expect(root["Data"]?.text == "<not & parsed>")
        #expect(root.children.count == 5)
    }

    @Test(arguments: [
        "", " ", "text", "<a>", "<a", "<", "</a>", "<a></b>", "<a>&nosuch;</a>", "<a>&#xD800;</a>", "<a>&#</a>",
        "<a>&amp</a>",
        "<a/><b/>", "<a/>text", "<a><b></a></b>", "<a x=\"1>", "<a><![CDATA[x</a>", "<!-- x", "<a / b>",
        "<a><b <c/></a>",
        "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>", "<a><!ENTITY x></a>", "<>x</>",
        String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100),
    ])
    func refuses(_ document: String) {
        #expect(throws: XMLSyntaxError.self) { try XMLElement(document: Array(document.utf8)) }
    }

    @Test func refusesInvalidUTF8() {
        #expect(throws: XMLSyntaxError.self) {
            try XMLElement(document: Array("<a>".utf8) + [0xFF, 0xFE] + Array("</a>".utf8))
        }
    }

    @Test func everyCutOfADocumentIsRefused() throws {
        let whole = Array("<?xml version='1.0'?><a b=\"c\"><d>&amp;e</d><!-- f --><![CDATA[g]]></a>".utf8)
        _ = try XMLElement(document: whole)
        for count in 0..<whole.count {
            #expect(throws: XMLSyntaxError.self) { try XMLElement(document: Array(whole.prefix(count))) }
        }
    }
}
