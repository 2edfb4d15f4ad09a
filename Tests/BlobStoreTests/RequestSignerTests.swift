import TestSupport
import Testing
import Time

@testable import BlobStore

/// The examples that AWS documents: the Signature Version 4 test suite, and "Signature Calculations for the Authorization
/// Header" and "Authenticating Requests: Using Query Parameters" of the S3 API reference.
struct RequestSignerTests {
    private static let suite = RequestSigner(
        accessKeyID: "AKIDEXAMPLE", secret: Array("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY".utf8), sessionToken: nil,
        region: "us-east-1", service: "service")
    private static let s3 = RequestSigner(
        accessKeyID: "AKIAIOSFODNN7EXAMPLE", secret: Array("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY".utf8),
        sessionToken: nil, region: "us-east-1", service: "s3")

    struct Vector: Sendable, CustomTestStringConvertible {
        var name: String
        var method = "GET"
        var path = "/"
        var query: [(name: String, value: String)] = []
        var headers: [(name: String, value: String)] = []
        var payload = CanonicalRequest.emptyPayload
        var signature: String

        var testDescription: String { name }
    }

    @Test(arguments: [
        Vector(name: "get-vanilla", signature: "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
        Vector(
            name: "post-vanilla", method: "POST",
            signature: "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"),
        Vector(
            name: "get-vanilla-query-order-key-case", query: [("Param2", "value2"), ("Param1", "value1")],
            signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
        Vector(
            name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
            signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
        Vector(
            name: "get-unreserved", path: "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
        Vector(
            name: "get-utf8", path: "/\u{1234}",
            signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    ])
    func testSuite(_ vector: Vector) throws {
        let time = try #require(Timestamp("2015-08-30T12:36:00Z"))
        let request = CanonicalRequest(
            method: vector.method, path: vector.path, query: vector.query,
            headers: [("Host", "example.amazonaws.com"), ("X-Amz-Date", "20150830T123600Z")] + vector.headers,
            payloadHash: vector.payload)
        #expect(Self.suite.signature(of: request, at: time) == vector.signature)
        #expect(Self.suite.isValid(signature: vector.signature, of: request, at: time))
    }

    @Test(arguments: [
        Vector(
            name: "GET Object", path: "/test.txt", headers: [("Range", "bytes=0-9")],
            signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
        Vector(
            name: "PUT Object", method: "PUT", path: "/test$file.text",
            headers: [("Date", "Fri, 24 May 2013 00:00:00 GMT"), ("x-amz-storage-class", "REDUCED_REDUNDANCY")],
            payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
            signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
        Vector(
            name: "GET Bucket Lifecycle", query: [("lifecycle", "")],
            signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
        Vector(
            name: "Get Bucket (List Objects)", query: [("max-keys", "2"), ("prefix", "J")],
            signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
    ])
    func s3Examples(_ vector: Vector) throws {
        let time = try #require(Timestamp("2013-05-24T00:00:00Z"))
        let request = CanonicalRequest(
            method: vector.method, path: vector.path, query: vector.query,
            headers: [
                ("Host", "examplebucket.s3.amazonaws.com"), ("x-amz-content-sha256", vector.payload),
                ("x-amz-date", "20130524T000000Z"),
            ] + vector.headers, payloadHash: vector.payload)
        #expect(Self.s3.authorization(of: request, at: time).hasSuffix("Signature=\(vector.signature)"))
    }

    @Test func presignedExample() throws {
        let target = try Self.s3.presignedTarget(
            path: "/test.txt", host: "examplebucket.s3.amazonaws.com", query: [],
            at: try #require(Timestamp("2013-05-24T00:00:00Z")), lifetimeSeconds: 86_400)
        #expect(
            target == "/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
                + "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
                + "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
                + "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404")
    }

    @Test(arguments: [nil, "a/session+token=="])
    func presignsAsBotocoreDoes(_ token: String?) throws {
        let script = """
            import sys
            from botocore.auth import S3SigV4QueryAuth
            from botocore.awsrequest import AWSRequest
            from botocore.credentials import Credentials
            url, key, secret, token, region, date, expires = sys.argv[1:]
            auth = S3SigV4QueryAuth(Credentials(key, secret, token or None), "s3", region, int(expires))
            request = AWSRequest(method="GET", url=url)
            request.context["timestamp"] = date
            auth._modify_request_before_signing(request)
            auth._inject_signature_to_request(request, auth.signature(
                auth.string_to_sign(request, auth.canonical_request(request)), request))
            print(request.url)
            """
        let (key, secret) = ("AKIDEXAMPLE", "s/ecret+key=")
        var environment = ["AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret]
        environment["AWS_SESSION_TOKEN"] = token
        let store = S3BlobStore(
            configuration: try S3Configuration(
                address: "s3://exports/some/prefix?endpoint=http://127.0.0.1:5000&region=eu-central-1",
                environment: environment))
        let ours = try store.signedURL(
            for: try BlobKey("12/2025-W19_a.csv"), signedAt: try #require(Timestamp("2025-05-11T07:45:30.9Z")),
            lifetimeSeconds: 172_800, fileName: "Mai & Juni ü.csv")
        let (path, query) = (ours.prefix { $0 != "?" }, ours.drop { $0 != "?" }.dropFirst())
        let disposition = try #require(query.split(separator: "&").first { $0.hasPrefix("response-") })
        let theirs = try PythonInterpreter.output(
            of: script,
            ["\(path)?\(disposition)", key, secret, token ?? "", "eu-central-1", "20250511T074530Z", "172800"],
            having: "botocore")
        let theirQuery = theirs.drop { $0 != "?" }.dropFirst()
        #expect(theirs.prefix { $0 != "?" } == path)
        #expect(Set(query.split(separator: "&")) == Set(theirQuery.split(separator: "&")))
    }

    @Test func anotherSignatureIsNotValid() throws {
        let time = try #require(Timestamp("2015-08-30T12:36:00Z"))
        let request = CanonicalRequest(
            method: "GET", path: "/", query: [], headers: [("host", "a")], payloadHash: CanonicalRequest.unsignedPayload
        )
        let good = Self.suite.signature(of: request, at: time)
        for bad in ["", "0", good.uppercased(), String(good.dropLast(2)), good + "00", String(good.reversed()), "zz"] {
            #expect(!Self.suite.isValid(signature: bad, of: request, at: time))
        }
    }
}
