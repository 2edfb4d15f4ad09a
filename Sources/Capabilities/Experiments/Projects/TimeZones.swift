import Foundation
import Text

/// Names of time zones, as the IANA database has them.
enum TimeZones {
    static func isKnown(_ name: String) -> Bool {
        name == "UTC" || TimeZone.knownTimeZoneIdentifiers.contains { $0.hasSameBytes(as: name) }
    }
}
