import HTTPTypes
import InternetAddress

@testable import BlobStore
@testable import Contract
@testable import Gateway
@testable import Mailer
@testable import Resources

/// Addresses of all kinds, the parts of requests around bodies, and the XML of object stores.
struct AddressSubject: FuzzSubject {
    let samples: [[UInt8]] = .texts([
        "192.0.2.1", "::ffff:192.0.2.1", "2001:db8::1", "10.0.0.0/8", "fd00::/128", "[2001:db8::1]:443, 10.0.0.1:80",
        "for=\"[2001:db8::1]:80\";proto=https, for=_a;by=b",
        "https://*.x.example:8443/a/b?c#d", "/api/v2/accounts/1/projects/2%2F3?a=b&c[]=d", "a=b&c=%20+d&e",
        "ann@x.example",
        "W/\"tag\", *", "gzip;q=0, br;q=1.5", "folder/file.json.gz",
        "<?xml version=\"1.0\"?><a:List><Key>a&amp;b&#x41;</Key><!-- c --><E/><![CDATA[x]]></a:List>",
    ])
    let tokens: [[UInt8]] = .texts([
        "::", ":", ".", "/", "//", "://", "%2F", "%", "?", "#", "[", "]", "@", "*.", "..", "<a>", "</a>", "<a", "/>",
        "&#",
        "&#x110000;", "&amp;", "<!--", "-->", "<![CDATA[", "]]>", "q=", "255", "256", "ffff", "/33", ",",
    ])

    func examine(_ input: [UInt8], _ random: inout FuzzRandom) throws -> String {
        let text = String(decoding: input, as: UTF8.self)
        var outcome = ""
        func note(_ isTaken: Bool, _ name: String) { if isTaken { outcome += " \(name)" } }
        note(IPAddress(text) != nil, "ip")
        if let range = IPRange(network: text) {
            try require(range.first <= range.last && range.contains(range.last), "\(text) is no range")
            note(true, "range")
        }
        if let everywhere = IPRange(network: "0.0.0.0/0") {
            let origin = RequestOrigin.client(of: everywhere.first, forwarded: [text], trusting: [everywhere])
            note(!origin.isVersion4, "6")
        }
        let elements = ForwardedElement.all(in: text)
        try require(!elements.isEmpty && elements.count <= input.count + 1, "\(text) is told by nobody")
        note(elements.contains { $0.scheme != nil }, "proto")
        note(DomainAddress(text) != nil, "domain")
        note(input.withUnsafeBufferPointer { PathSegments($0) } != nil, "path")
        note(!RawParameters.query(text).isEmpty, "query")
        note((try? EmailAddress(text)) != nil, "mail")
        note((try? BlobKey(text)) != nil, "key")
        note(PercentEncoding.decode(query: text) != nil, "pairs")
        note(LocalBlobStore.path(ofBaseURL: text) != nil, "base")
        if let element = try? XMLElement(document: input) { note(true, "xml \(element.children.count)") }
        var fields = HTTPFields()
        fields[.ifNoneMatch] = text
        fields[.acceptEncoding] = text
        note(fields.hasEntity(tagged: "\"tag\""), "tag")
        note(fields.acceptsGzip, "gzip")
        for format in [TextFormat.email, .uri, .uuid, .ipv4, .ipv6, .ipAddress] {
            note(input.withUnsafeBufferPointer(format.accepts), format.rawValue)
        }
        return outcome
    }
}
