import CMaxMindDB
import Foundation
public import InternetAddress

/// A file of locations by address, in the format of MaxMind DB (GeoLite2 City, GeoIP2 City, DB-IP City and others with their
/// members).
///
/// ```swift
/// let database = try LocationDatabase(copying: "/var/lib/GeoIP/GeoLite2-City.mmdb", into: "/tmp")
/// let city = try database.location(of: address)?.city
/// ```
///
/// The library maps the file into memory, where a file that somebody shortens ends the process. So it is given a copy that
/// nobody else can reach.
public final class LocationDatabase: Sendable {
    /// Never written after it is opened; freed with this.
    nonisolated(unsafe) private let database: UnsafeMutablePointer<MMDB_s>

    /// - Parameters:
    ///   - path: of the file.
    ///   - folder: where its copy is written, which has no name any more once it is opened.
    /// - Throws: ``LocationDatabaseError/unreadable(_:)``, ``LocationDatabaseError/broken(_:)``.
    public init(copying path: String, into folder: String) throws(LocationDatabaseError) {
        let copy = "\(folder)/locations-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: copy) }
        do {
            try FileManager.default.copyItem(
                at: URL(filePath: path).resolvingSymlinksInPath(), to: URL(filePath: copy))
        } catch {
            throw .unreadable(error.localizedDescription)
        }
        let database = UnsafeMutablePointer<MMDB_s>.allocate(capacity: 1)
        let error = MMDB_open(copy, UInt32(MMDB_MODE_MMAP), database)
        guard error == MMDB_SUCCESS else {
            database.deallocate()
            throw .broken(Self.message(error))
        }
        self.database = database
    }

    deinit {
        MMDB_close(database)
        database.deallocate()
    }

    /// What the file says of an address; nil where it says nothing.
    /// - Throws: ``LocationDatabaseError/broken(_:)`` for an entry that cannot be read.
    public func location(of address: IPAddress) throws(LocationDatabaseError) -> Location? {
        var result = MMDB_lookup_result_s()
        let bytes = address.bytes
        let error = bytes.withUnsafeBufferPointer {
            cmaxminddb_find(database, $0.baseAddress, address.isVersion4, &result)
        }
        // A file of version 4 says nothing of version 6.
        if error == MMDB_IPV6_LOOKUP_IN_IPV4_DATABASE_ERROR { return nil }
        guard error == MMDB_SUCCESS else { throw .broken(Self.message(error)) }
        guard result.found_entry else { return nil }
        var entry = LocationEntry(result.entry)
        let location = try entry.location()
        return location.isEmpty ? nil : location
    }

    static func message(_ error: Int32) -> String { String(cString: MMDB_strerror(error)) }
}

/// Why there is no location.
public enum LocationDatabaseError: Error, Equatable, CustomStringConvertible {
    /// The file cannot be read or copied.
    case unreadable(String)
    /// It is none of the format, or damaged.
    case broken(String)

    public var description: String {
        switch self {
        case .unreadable(let reason), .broken(let reason): reason
        }
    }
}
