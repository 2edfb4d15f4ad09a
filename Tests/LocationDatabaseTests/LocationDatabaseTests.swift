import Foundation
import InternetAddress
import JSON
import Logging
import TestSupport
import Testing

@testable import LocationDatabase

/// `golden.py` wrote the file, and what the format's own reader finds in it.
@Suite struct LocationDatabaseTests {
    private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    private static let path = folder.appending(path: "golden.mmdb").path()
    private static let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func open(_ path: String = path) throws -> LocationDatabase {
        try LocationDatabase(copying: path, into: temporary.path)
    }

    private func address(_ text: String) throws -> IPAddress { try #require(IPAddress(text)) }

    @Test func findsWhatTheFormatsOwnReaderFinds() throws {
        let database = try open()
        let golden = try JSONValue(
            parsing: [UInt8](Data(contentsOf: Self.folder.appending(path: "golden.json"))))
        var count = 0
        for (text, entry) in try #require(golden.object).members.map({ ($0.key, $0.value) })
        where !text.hasPrefix("2001:db8:8") && !text.hasPrefix("2001:db8:c") {
            let location = try database.location(of: address(text))
            #expect((location == nil) == (entry.isNull || entry["country"] == nil), "\(text)")
            count += location == nil ? 0 : 1
            #expect(location?.countryCode == entry["country"]?["iso_code"]?.string)
            #expect(location?.countryName == entry["country"]?["names"]?["en"]?.string)
            #expect(location?.stateCode == entry["subdivisions"]?.array?.first?["iso_code"]?.string)
            #expect(location?.stateName == entry["subdivisions"]?.array?.first?["names"]?["en"]?.string)
            #expect(location?.regionName == entry["subdivisions"]?.array?.dropFirst().first?["names"]?["en"]?.string)
            #expect(location?.city == entry["city"]?["names"]?["en"]?.string)
            #expect(location?.continent == entry["continent"]?["names"]?["en"]?.string)
            #expect(location?.postalCode == entry["postal"]?["code"]?.string)
            #expect(location?.timeZone == entry["location"]?["time_zone"]?.string)
            #expect(location?.coordinates?.latitude == entry["location"]?["latitude"]?.double)
            #expect(location?.coordinates?.longitude == entry["location"]?["longitude"]?.double)
        }
        #expect(count == 9)
    }

    @Test func aPrivateAddressIsNowhere() throws {
        let database = try open()
        for text in ["10.1.2.3", "127.0.0.1", "::1", "fd00::1", "::ffff:192.168.0.1", "0.0.0.0"] {
            #expect(try database.location(of: address(text)) == nil)
        }
    }

    @Test func membersOfOtherKindsAreNone() throws {
        let database = try open()
        #expect(try database.location(of: address("2001:db8:8000::1")) == nil)
        // A name of 300 bytes.
        #expect(throws: LocationDatabaseError.self) { try database.location(of: address("2001:db8:c000::1")) }
    }

    @Test func whatIsNoDatabaseIsNotOpened() throws {
        #expect(throws: LocationDatabaseError.self) { try open(temporary.file("none.mmdb")) }
        #expect(throws: LocationDatabaseError.self) { try open(temporary.path) }
        for content in ["", "no database", String(repeating: "x", count: 200_000)] {
            let path = temporary.file("other.mmdb")
            try Data(content.utf8).write(to: URL(filePath: path))
            #expect(throws: LocationDatabaseError.self) { try open(path) }
        }
        // Copies have no names.
        #expect(try FileManager.default.contentsOfDirectory(atPath: temporary.path) == ["other.mmdb"])
    }

    @Test func aFileThatIsCutIsNotOpened() throws {
        let whole = try Data(contentsOf: URL(filePath: Self.path))
        let path = temporary.file("cut.mmdb")
        for count in stride(from: 0, to: whole.count - 300, by: 97) {
            try whole.prefix(count).write(to: URL(filePath: path))
            #expect(throws: LocationDatabaseError.self) { try open(path) }
        }
    }

    /// Whatever the bytes are, there is a location, none, or an error.
    @Test func damageEndsNothing() throws {
        let whole = try Data(contentsOf: URL(filePath: Self.path))
        let path = temporary.file("damaged.mmdb")
        var generator = SeededGenerator(seed: 7)
        let addresses = try ["203.0.113.7", "198.51.100.1", "198.51.100.140", "2001:db8::1", "2001:db8:c000::1"].map(
            address)
        var (refused, read) = (0, 0)
        for round in 0..<1_500 {
            var damaged = whole
            for _ in 0...Int.random(in: 0..<8, using: &generator) {
                damaged[Int.random(in: 0..<damaged.count, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            if round.isMultiple(of: 5) {
                let start = Int.random(in: 0..<damaged.count, using: &generator)
                damaged.removeSubrange(start..<min(start + 40, damaged.count))
            }
            try damaged.write(to: URL(filePath: path))
            guard let database = try? open(path) else {
                refused += 1
                continue
            }
            for address in addresses where (try? database.location(of: address)) != nil { read += 1 }
        }
        #expect(refused > 0 && read > 0)
    }

    @Test func aFileThatIsReplacedIsReadAnew() throws {
        let path = temporary.file("current.mmdb")
        let files = FileManager.default
        try files.copyItem(atPath: Self.path, toPath: path)
        let databases = try LocationDatabases(path: path, folder: temporary.path, logger: Self.logger)
        let zurich = try address("203.0.113.1")
        #expect(databases.location(of: zurich)?.city == "Zurich")

        // Shortened where it lies, while it is in use.
        let handle = try FileHandle(forWritingTo: URL(filePath: path))
        try handle.truncate(atOffset: 10)
        try handle.close()
        #expect(databases.location(of: zurich)?.city == "Zurich")
        databases.refresh()
        #expect(databases.location(of: zurich)?.city == "Zurich")
        try files.removeItem(atPath: path)
        databases.refresh()
        #expect(databases.location(of: zurich)?.city == "Zurich")

        // One of the same size with another name in it.
        var other = try Data(contentsOf: URL(filePath: Self.path))
        while let range = other.range(of: Data("Zurich".utf8)) {
            other.replaceSubrange(range, with: Data("Geneva".utf8))
        }
        try other.write(to: URL(filePath: path), options: .atomic)
        databases.refresh()
        #expect(databases.location(of: zurich)?.city == "Geneva")
    }

    @Test func whatIsMissingAtTheStartIsAnError() {
        #expect(throws: LocationDatabaseError.self) {
            try LocationDatabases(path: temporary.file("none"), folder: temporary.path, logger: Self.logger)
        }
    }
}
