import TestSupport
import Testing
import Time

@testable import EventStore

@Suite struct InternalEventIdentifierTests {
    struct Vector: Sendable {
        var token: String
        var type: EventType
        var name: String?
        var user: String?
        var company: String?
        var time: String
        var hash: UInt64
    }

    /// Made with the Python package xxhash 3: xxh64 with seed 0 over app token, type, name, user, company and time in
    /// UTF-8, a zero byte after each.
    static let vectors = [
        Vector(
            token: "NX-1234abcd", type: .track, name: "Checkout", user: "u-1", company: "acme",
            time: "2025-05-11T07:45:30.123456Z", hash: 0x547b_e9d0_2a8e_edc9),
        Vector(
            token: "NX-1234abcd", type: .identifyUser, user: "u-1", time: "2025-05-11T07:45:30Z",
            hash: 0x8b36_26f1_2fbc_4790),
        Vector(
            token: "NX-1234abcd", type: .identifyUser, name: "", user: "u-1", company: "",
            time: "2025-05-11T09:45:30+02:00", hash: 0x8b36_26f1_2fbc_4790),
        Vector(
            token: "NX-1", type: .identifyCompany, company: "acme", time: "1970-01-01", hash: 0xbb09_fd73_7bfd_4c36),
        Vector(
            token: "NX-ü", type: .track, name: "Größe 🎉", user: "日本", time: "2024-02-29T23:59:59.999999Z",
            hash: 0x64c7_1639_9f5f_312a),
        Vector(
            token: "NX-1", type: .track, name: String(repeating: "x", count: 65_535), user: "u", company: "c",
            time: "2025-05-11T07:45:30.123456Z", hash: 0xb1a1_ca4d_f4be_9ead),
    ]

    @Test(arguments: vectors)
    func isXXH64OfTheDocumentedBytes(_ vector: Vector) throws {
        let stream = EventStream(environmentID: 1, projectID: 1, appToken: vector.token)
        let time = try #require(Timestamp(vector.time))
        var builder = EventBatchBuilder(receivedAt: HandClock.start)
        builder.begin(vector.type, in: stream, source: .backendHTTP, surface: .sextant, occurredAt: time)
        // Texts that do not count, around those that do.
        builder.set(.properties, to: "{\"a\":1}")
        if let user = vector.user { builder.set(.userID, to: user) }
        if let company = vector.company { builder.set(.companyID, to: company) }
        if let name = vector.name { builder.set(.eventName, to: name) }
        builder.set(.hostname, to: "example.com")
        builder.finish(in: stream)
        #expect(builder.build()[0].internalEventID == vector.hash)
    }
}
