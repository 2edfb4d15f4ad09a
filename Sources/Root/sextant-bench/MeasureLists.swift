import ArgumentParser
import ControlStore
import Cryptography
import EventStore
import Foundation
import Logging
import People
import Schema
import Text
import Time

/// Fills a new store with persons, as events make them, and measures pages of lists.
struct MeasureLists: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "measure-lists", abstract: "Pages of filtered and sorted lists of persons, in milliseconds.")

    @Option(help: "Persons of the environment.") var persons = 100_000
    @Option(help: "Profiles of a page.") var pageSize = 500

    func run() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "lists-\(UUID().uuidString)").path()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let store = try ControlStore(path: "\(folder)/control.sqlite", migrations: ControlSchema.migrations)
        print("fill: \(try await milliseconds { try await fill(store) }) ms")
        let lists = try ProfileLists(
            store: store, folder: "\(folder)/lists", signingKey: SecretKey([UInt8](repeating: 1, count: 32)),
            clock: .system, logger: Logger(label: "lists"))
        let age = ProfileAttribute(.number, .property(path: ["age"]))
        let email = ProfileAttribute(.text, .property(path: ["email"]))
        let seen = ProfileAttribute(.time, .lastActiveAt)
        let queries: [(String, ProfileQuery)] = try [
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
        for (name, query) in queries {
            let unknown = try await milliseconds { _ = try await lists.first(query, environmentID: 1, keyID: 1) }
            print("\(name), asked for the first time: \(unknown) ms")
            try await measure(name, query, lists, store)
        }
    }

    private func measure(
        _ name: String, _ query: ProfileQuery, _ lists: ProfileLists, _ store: ControlStore
    ) async throws {
        var page = try await lists.first(query, environmentID: 1, keyID: 1)
        let known = try await milliseconds { page = try await lists.first(query, environmentID: 1, keyID: 1) }
        // Others write: what they touch is read again.
        try await write(0..<1_000, to: store, at: 2)
        let first = try await milliseconds { page = try await lists.first(query, environmentID: 1, keyID: 1) }
        let second = try await milliseconds { try await follow(&page, lists) }
        var (number, times) = (2, [Double]())
        while page.next != nil {
            times.append(try await milliseconds { try await follow(&page, lists) })
            number += 1
        }
        times.sort()
        let (median, worst) = (times.isEmpty ? 0 : times[times.count / 2], times.last ?? 0)
        print(
            """
            \(name): \(page.totalCount) found, first page \(known) ms (\(first) after 1,000 writes), second \(second), \
            \(number) pages, median \(median), worst \(worst)
            """)
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

    private func milliseconds(_ body: () async throws -> Void) async rethrows -> Double {
        let time = try await ContinuousClock().measure(body)
        return (time / .milliseconds(0.01)).rounded() / 100
    }
}
