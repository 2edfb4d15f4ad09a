import ArgumentParser
import ControlStore
import Cryptography
import EventStore
import Foundation
import JSON
import Logging
import People
import Schema
import Text
import Time

/// Fills a new store with persons, as events make them, and measures pages of lists.
struct MeasureLists: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-lists", abstract: "Pages of filtered and sorted lists of persons, without a server.")

    @Option(help: "Persons of the environment.") var persons = 100_000
    @Option(help: "Profiles of a page.") var pageSize = 500

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lists-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try ControlStore(path: "\(folder)/control.sqlite", migrations: ControlSchema.migrations)
        let filled = try await milliseconds { try await fill(store) }
        let lists = try ProfileLists(
            store: store, folder: "\(folder)/lists", signingKey: SecretKey([UInt8](repeating: 1, count: 32)),
            clock: .system, logger: Logger(label: "lists"))
        var measured: [JSONValue] = []
        for (name, query) in try queries() { measured.append(try await measure(name, query, lists, store)) }
        let result: JSONValue = ["persons": .integer(Int64(persons)), "fill_ms": filled, "lists": .array(measured)]
        print(result.encodedString)
    }

    private func queries() throws -> [(String, ProfileQuery)] {
        let age = ProfileAttribute(.number, .property(path: ["age"]))
        let email = ProfileAttribute(.text, .property(path: ["email"]))
        let seen = ProfileAttribute(.time, .lastActiveAt)
        return try [
            ("everybody", ProfileQuery(.person, pageSize: pageSize)),
            (
                "age >= 50, by last activity",
                ProfileQuery(
                    .person, where: [[ProfileTerm(age, .atLeast, "50")]], sort: [.init(seen, isDescending: true)],
                    pageSize: pageSize)
            ),
            ("by e-mail address", ProfileQuery(.person, sort: [.init(email)], pageSize: pageSize)),
            (
                "e-mail ~ *7@*, by age and e-mail",
                ProfileQuery(
                    .person, where: [[ProfileTerm(email, .like, "*7@*")]], sort: [.init(age), .init(email)],
                    pageSize: pageSize)
            ),
        ]
    }

    /// Milliseconds of pages, each of another kind.
    private func measure(
        _ name: String, _ query: ProfileQuery, _ lists: ProfileLists, _ store: ControlStore
    ) async throws -> JSONValue {
        let unknown = try await milliseconds { _ = try await lists.first(query, environmentID: 1, keyID: 1) }
        var page = try await lists.first(query, environmentID: 1, keyID: 1)
        let known = try await milliseconds { page = try await lists.first(query, environmentID: 1, keyID: 1) }
        // Others write: what they touch is read again.
        try await write(0..<1_000, to: store, at: 2)
        let afterWrites = try await milliseconds { page = try await lists.first(query, environmentID: 1, keyID: 1) }
        let second = try await milliseconds { try await follow(&page, lists) }
        var times: [JSONValue] = []
        while page.next != nil { times.append(try await milliseconds { try await follow(&page, lists) }) }
        let sorted = times.compactMap(\.double).sorted()
        return [
            "name": .string(name), "found": .integer(Int64(page.totalCount)), "first_unknown_ms": unknown,
            "first_ms": known, "first_after_writes_ms": afterWrites, "second_ms": second,
            // The third is the first of these.
            "thousandth_ms": times.count > 997 ? times[997] : .null, "pages": .integer(Int64(times.count + 2)),
            "median_ms": .double(sorted.isEmpty ? 0 : sorted[sorted.count / 2]), "worst_ms": .double(sorted.last ?? 0),
        ]
    }

    private func follow(_ page: inout ProfilePage<ListedProfile>, _ lists: ProfileLists) async throws {
        guard let token = page.next else { return }
        page = try await lists.next(token, .person, environmentID: 1, keyID: 1)
    }

    private func fill(_ store: ControlStore) async throws {
        for start in stride(from: 0, to: persons, by: 10_000) {
            try await write(start..<min(start + 10_000, persons), to: store, at: 1)
        }
    }

    private func write(_ numbers: Range<Int>, to store: ControlStore, at turn: Int64) async throws {
        let projection = PeopleProjection(store: store, rejections: IngestionRejections(store: store))
        let stream = EventStream(environmentID: 1, projectID: 1, appToken: "NX-1")
        var builder = EventBatchBuilder(receivedAt: WallClock.system.now, expectedEvents: numbers.count)
        for number in numbers {
            let mixed = UInt64(truncatingIfNeeded: number) &* 0x9E37_79B9_7F4A_7C15
            let time = Timestamp(seconds: 1_700_000_000 + Int64(mixed >> 40) + turn)
            builder.begin(.identifyUser, in: stream, source: .webClient, surface: .gainsight, occurredAt: time)
            builder.set(.userID, to: "user-\(number)")
            builder.set(
                .properties,
                to: """
                    {"email":"person.\(mixed >> 44)@example.com","age":\(mixed % 100),"firstName":"Ann","plan":"pro",\
                    "signUpDate":1700000000000,"title":"Head of Something","propertyKeys":["AP-1","AP-2"]}
                    """)
            builder.finish(in: stream)
        }
        let batch = builder.build()
        let identifiers = (0..<batch.count).map { _ in EventIdentifier(earliestAt: WallClock.system.now) }
        try await projection.apply(
            [CommittedEvents(batch: batch, indices: Array(0..<batch.count), identifiers: identifiers)],
            .advance(to: LogPosition(at: WallClock.system.now), settingAside: []))
    }

    private func milliseconds(_ body: () async throws -> Void) async rethrows -> JSONValue {
        let time = try await ContinuousClock().measure(body)
        return .double((time / .milliseconds(0.01)).rounded() / 100)
    }
}
