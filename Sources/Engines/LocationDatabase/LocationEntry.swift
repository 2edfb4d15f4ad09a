import CMaxMindDB

/// What a file has of a network.
struct LocationEntry {
    private var entry: MMDB_entry_s

    init(_ entry: MMDB_entry_s) { self.entry = entry }

    /// - Throws: ``LocationDatabaseError/broken(_:)``.
    mutating func location() throws(LocationDatabaseError) -> Location {
        var location = Location()
        location.countryName = try text("country", "names", "en")
        location.countryCode = try text("country", "iso_code")
        location.stateName = try text("subdivisions", "0", "names", "en")
        location.stateCode = try text("subdivisions", "0", "iso_code")
        location.regionName = try text("subdivisions", "1", "names", "en")
        location.city = try text("city", "names", "en")
        location.postalCode = try text("postal", "code")
        location.continent = try text("continent", "names", "en")
        location.timeZone = try text("location", "time_zone")
        location.coordinates = Location.Coordinates(
            latitude: try number("location", "latitude"), longitude: try number("location", "longitude"))
        return location
    }

    /// Longer names than this are no names.
    private static let maximumBytes: UInt32 = 255

    private mutating func text(_ path: StaticString...) throws(LocationDatabaseError) -> String? {
        var (bytes, count) = (UnsafePointer<CChar>?.none, UInt32(0))
        let error = Self.withNames(path) { cmaxminddb_text(&entry, $0, &bytes, &count) }
        guard error == MMDB_SUCCESS else { throw .broken(LocationDatabase.message(error)) }
        guard let bytes, count > 0 else { return nil }
        guard count <= Self.maximumBytes else { throw .broken("a name of \(count) bytes") }
        let text = String(
            validating: UnsafeRawBufferPointer(start: bytes, count: Int(count)), as: UTF8.self)
        guard let text, text.utf8.allSatisfy({ $0 >= 0x20 }) else { throw .broken("a name that is no text") }
        return text
    }

    /// Not a number where there is none.
    private mutating func number(_ path: StaticString...) throws(LocationDatabaseError) -> Double {
        var number = Double.nan
        let error = Self.withNames(path) { cmaxminddb_number(&entry, $0, &number) }
        guard error == MMDB_SUCCESS else { throw .broken(LocationDatabase.message(error)) }
        return number
    }

    private static func withNames(
        _ names: [StaticString], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Int32
    ) -> Int32 {
        // Names in sources end with a zero.
        var pointers = names.map { UnsafeRawPointer($0.utf8Start).assumingMemoryBound(to: CChar.self) }
            .map(Optional.some)
        pointers.append(nil)
        return pointers.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return MMDB_INVALID_LOOKUP_PATH_ERROR }
            return body(start)
        }
    }
}
