import Foundation

/// Names of time zones, as the IANA database has them.
enum TimeZones {
    static func isKnown(_ name: String) -> Bool {
        name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains(name)
    }
}
