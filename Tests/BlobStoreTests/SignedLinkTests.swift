import Foundation
import TestSupport
import Testing
import Time

@testable import BlobStore

struct SignedLinkTests {
    private let folder: TemporaryFolder
    private let store: LocalBlobStore
    private let signedAt: Timestamp
    private let key: BlobKey

    init() throws {
        folder = try TemporaryFolder()
        store = try LocalBlobStore(
            directory: folder.path, publicBaseURL: "https://sextant.example.com/files/",
            signingKey: Array(repeating: 7, count: 32))
        signedAt = try #require(Timestamp("2025-05-11T07:45:30Z"))
        key = try BlobKey("exports/12/a.csv")
    }

    /// Path and query of a link, as a gateway sees them.
    private func link(
        at time: Timestamp? = nil, lifetimeSeconds: Int = 172_800, fileName: String = "Mai ü.csv"
    ) throws -> (path: String, query: String) {
        let url = try store.signedURL(
            for: key, signedAt: time ?? signedAt, lifetimeSeconds: lifetimeSeconds, fileName: fileName)
        let origin = "https://sextant.example.com"
        try #require(url.hasPrefix("\(origin)/files/exports/12/a.csv?"))
        let parts = url.dropFirst(origin.count).split(separator: "?", maxSplits: 1)
        return (String(parts[0]), String(parts[1]))
    }

    @Test func aGenuineLinkIsValid() throws {
        let link = try link()
        #expect(
            store.verify(path: link.path, query: link.query, now: signedAt)
                == .valid(
                    SignedBlobLink(
                        key: key,
                        contentDisposition: "attachment; filename=\"Mai _.csv\"; filename*=UTF-8''Mai%20%C3%BC.csv")))
        // Parameters in another order, or encoded otherwise, say the same.
        let reversed = link.query.split(separator: "&").reversed().joined(separator: "&")
        let recoded = reversed.replacing("X-Amz-Date", with: "X%2DAmz%2dDate")
        for query in [reversed, recoded] {
            guard case .valid = store.verify(path: link.path, query: query, now: signedAt) else {
                Issue.record("\(query) should be valid")
                return
            }
        }
        guard case .valid = store.verify(path: "/files/exports/12/a%2Ecsv", query: link.query, now: signedAt) else {
            Issue.record("an encoded dot should be valid")
            return
        }
    }

    @Test func livesToTheSecond() throws {
        let link = try link(lifetimeSeconds: 60)
        func verdict(microsecondsAfter: Int64) -> SignatureVerdict {
            let now = Timestamp(microseconds: signedAt.microseconds + microsecondsAfter)
            return store.verify(path: link.path, query: link.query, now: now)
        }
        guard case .valid = verdict(microsecondsAfter: 59_999_999) else {
            Issue.record("should live for all of its last second")
            return
        }
        #expect(verdict(microsecondsAfter: 60_000_000) == .expired)
        #expect(verdict(microsecondsAfter: 600_000_000_000) == .expired)
    }

    @Test func fractionsOfTheSigningTimeAreCut() throws {
        let link = try link(at: Timestamp(microseconds: signedAt.microseconds + 999_999), lifetimeSeconds: 1)
        #expect(store.verify(path: link.path, query: link.query, now: signedAt.adding(seconds: 1)) == .expired)
    }

    @Test func everyPartIsCovered() throws {
        let link = try link()
        let parameters = link.query.split(separator: "&").map(String.init)
        #expect(parameters.count == 7)
        for (index, parameter) in parameters.enumerated() {
            let equals = try #require(parameter.firstIndex(of: "="))
            let (name, value) = (parameter[..<equals], String(parameter[parameter.index(after: equals)...]))
            var last = value
            last.append(last.removeLast() == "0" ? "1" : "0")
            for changed in [
                "\(name)=\(last)", "\(name)=", "\(name)", "\(name)=\(value)0", "\(name.lowercased())x=\(value)",
            ] {
                var others = parameters
                others[index] = changed
                let query = others.joined(separator: "&")
                #expect(
                    store.verify(path: link.path, query: query, now: signedAt) == .invalid,
                    "\(changed) should make the link invalid")
            }
            var without = parameters
            without.remove(at: index)
            #expect(store.verify(path: link.path, query: without.joined(separator: "&"), now: signedAt) == .invalid)
            let twice = (parameters + [parameter]).joined(separator: "&")
            #expect(store.verify(path: link.path, query: twice, now: signedAt) == .invalid)
        }
    }

    @Test(arguments: [
        "/files/exports/12/b.csv", "/files/exports/13/a.csv", "/files/exports/12/a.csv/", "/files/exports/12//a.csv",
        "/files/exports/12/./a.csv", "/files/exports/12/x/../a.csv", "/files/exports/12/x/%2E%2E/a.csv",
        "/files/../../etc/passwd", "/files//etc/passwd", "/exports/12/a.csv", "/filesexports/12/a.csv", "/files/",
        "/files",
        "", "/files/exports/12/a.csv%00", "/files/exports%252F12/a.csv", "/files/%FF", "/files/exports/12/a.csv%",
    ])
    func anotherPathIsInvalid(_ path: String) throws {
        #expect(store.verify(path: path, query: try link().query, now: signedAt) == .invalid)
    }

    @Test(arguments: ["", "&", "=", "a=b", "X-Amz-Signature=", "%", "%ZZ=1", "\u{0}=\u{0}", "?"])
    func rubbishIsInvalid(_ query: String) throws {
        #expect(store.verify(path: try link().path, query: query, now: signedAt) == .invalid)
    }

    @Test func anAddedParameterIsInvalid() throws {
        let link = try link()
        for added in [
            "response-content-type=text/html", "x=1", "X-Amz-Security-Token=1", "response-content-disposition=inline",
        ] {
            #expect(store.verify(path: link.path, query: "\(link.query)&\(added)", now: signedAt) == .invalid)
        }
    }

    @Test func aLongerLifeIsInvalidEvenWhenExpired() throws {
        let link = try link(lifetimeSeconds: 60)
        let longer = link.query.replacing("X-Amz-Expires=60", with: "X-Amz-Expires=600000")
        #expect(longer != link.query)
        #expect(store.verify(path: link.path, query: longer, now: signedAt.adding(seconds: 120)) == .invalid)
    }

    @Test func anotherKeyIsInvalid() throws {
        let link = try link()
        let other = try LocalBlobStore(
            directory: folder.path, publicBaseURL: "/files", signingKey: Array(repeating: 8, count: 32))
        #expect(other.verify(path: link.path, query: link.query, now: signedAt) == .invalid)
    }

    @Test func aLinkSurvivesAnotherPublicName() throws {
        let link = try link()
        let renamed = try LocalBlobStore(
            directory: folder.path, publicBaseURL: "/blobs", signingKey: Array(repeating: 7, count: 32))
        guard case .valid = renamed.verify(path: "/blobs/\(key)", query: link.query, now: signedAt) else {
            Issue.record("should be valid below the new path")
            return
        }
    }

    @Test(arguments: [0, -1, 604_801, Int.max])
    func refusesLivesOutsideOfTheLimits(_ seconds: Int) {
        #expect(throws: BlobStoreError.invalidLifetime(seconds: seconds)) {
            try store.signedURL(for: key, signedAt: signedAt, lifetimeSeconds: seconds, fileName: "a.csv")
        }
    }
}
