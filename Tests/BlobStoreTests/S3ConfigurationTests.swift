import Testing

@testable import BlobStore

struct S3ConfigurationTests {
    private static let keys = ["AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "hush"]

    @Test func readsEverything() throws {
        let configuration = try S3Configuration(
            address: "s3://exports/some/prefix/?endpoint=http://127.0.0.1:5000/&region=eu-central-1&path_style=true",
            environment: Self.keys.merging(["AWS_SESSION_TOKEN": "token"]) { $1 })
        #expect(configuration.bucket == "exports")
        #expect(configuration.prefix?.path == "some/prefix")
        #expect(configuration.endpoint == "http://127.0.0.1:5000")
        #expect(configuration.region == "eu-central-1")
        #expect(configuration.pathStyle)
        #expect(
            configuration.credentials
                == S3Credentials(accessKeyID: "AKID", secretAccessKey: "hush", sessionToken: "token"))
        #expect(configuration.host == "127.0.0.1:5000")
        #expect(configuration.path(of: "some/prefix/a") == "/exports/some/prefix/a")
        #expect(configuration.path(of: nil) == "/exports")
    }

    @Test func defaultsToAWSItself() throws {
        let configuration = try S3Configuration(address: "s3://exports", environment: Self.keys)
        #expect(configuration.prefix == nil)
        #expect(configuration.origin == "https://exports.s3.us-east-1.amazonaws.com")
        #expect(configuration.path(of: "a") == "/a")
        #expect(configuration.path(of: nil) == "/")
        let elsewhere = try S3Configuration(
            address: "s3://exports", environment: Self.keys.merging(["AWS_REGION": "eu-west-1"]) { $1 })
        #expect(elsewhere.origin == "https://exports.s3.eu-west-1.amazonaws.com")
    }

    @Test func ownPortsAreLeftOut() throws {
        for endpoint in ["http://minio.local:80", "http://minio.local"] {
            let configuration = try S3Configuration(
                address: "s3://exports?endpoint=\(endpoint)", environment: Self.keys)
            #expect(configuration.origin == "http://minio.local")
        }
        let configuration = try S3Configuration(
            address: "s3://exports?endpoint=https://minio.local:443&path_style=false", environment: Self.keys)
        #expect(configuration.origin == "https://exports.minio.local")
    }

    @Test(arguments: [
        "", "exports", "http://exports", "s3://", "s3:///prefix", "s3://UPPER", "s3://ab", "s3://a_b", "s3://a..b",
        "s3://-ab",
        "s3://exports/../x", "s3://exports/.hidden", "s3://exports/a%20b", "s3://key:secret@exports", "s3://exports:80",
        "s3://exports#x", "s3://exports?secret=1", "s3://exports?region=a&region=b", "s3://exports?region=a/b",
        "s3://exports?region=", "s3://exports?path_style=maybe", "s3://exports?endpoint=minio",
        "s3://exports?endpoint=ftp://minio", "s3://exports?endpoint=http://minio/path", "s3://exports?endpoint=http://",
        "s3://exports?endpoint=http://u:p@minio", "s3://exports/" + String(repeating: "x", count: 101),
    ])
    func refuses(_ address: String) {
        let error = #expect(throws: BlobStoreError.self) {
            try S3Configuration(address: address, environment: Self.keys)
        }
        guard case .invalidConfiguration = error else {
            Issue.record("\(String(describing: error)) should name the setting")
            return
        }
    }

    @Test func missingCredentialsAreNamed() {
        for name in ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"] {
            for value in [nil, ""] {
                var environment = Self.keys
                environment[name] = value
                let error = #expect(throws: BlobStoreError.self) {
                    try S3Configuration(address: "s3://exports", environment: environment)
                }
                #expect(error?.description.contains(name) == true)
            }
        }
    }

    @Test func secretsDoNotShow() throws {
        let configuration = try S3Configuration(
            address: "s3://exports", environment: Self.keys.merging(["AWS_SESSION_TOKEN": "hush too"]) { $1 })
        var dumped = ""
        dump(configuration, to: &dumped)
        #expect(!dumped.contains("hush") && !"\(configuration)".contains("hush"))
        #expect(!String(reflecting: configuration).contains("hush"))
    }

    @Test func waitsDoubleUpToALimit() {
        var policy = S3RetryPolicy()
        policy.firstWaitMilliseconds = 200
        policy.longestWaitMilliseconds = 1_000
        #expect([1, 2, 3, 4, 5, 100].map(policy.longestWait(afterAttempt:)) == [200, 400, 800, 1_000, 1_000, 1_000])
        policy.firstWaitMilliseconds = .max
        #expect(policy.longestWait(afterAttempt: 70) == 1_000)
    }
}
