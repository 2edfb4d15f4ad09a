import Cryptography
import EventStore
import Foundation
import Gateway
import Identity
import JSON
import Text
import Time

/// A list of events that is read page by page: what it was asked for, and where it goes on. Clients carry it, signed.
struct EventScroll {
    let operationID: String
    let keyID: Int64
    let environmentID: Int64
    let filters: [String]
    let sort: String?
    let pageSize: Int
    /// The parameters `dateRangeStart` and `dateRangeEnd`, as they were given; empty where they were not.
    let dates: [String]
    let range: Range<Timestamp>
    let upTo: LogPosition
    let totalCount: Int
    let place: EventList.Place

    /// The text: base64 for addresses, a point, and the signature.
    func encoded(key: SecretKey) -> String {
        let keys = place.keys.map { key -> JSONValue in
            switch key {
            case .time(let microseconds): .integer(microseconds)
            case .text(let text): .string(text)
            }
        }
        let payload: JSONValue = [
            "o": .string(operationID), "k": .integer(keyID), "e": .integer(environmentID),
            "f": .array(filters.map { .string($0) }), "s": sort.map { .string($0) } ?? .null,
            "n": .integer(Int64(pageSize)), "d": .array(dates.map { .string($0) }),
            "a": .integer(range.lowerBound.microseconds),
            "b": .integer(range.upperBound.microseconds), "u": .string(upTo.stored), "t": .integer(Int64(totalCount)),
            "p": .array(keys), "i": .string("\(place.event)"),
        ]
        let bytes = payload.encoded()
        let text = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
        return "\(text.replacing("=", with: "")).\(AuthenticationCode(of: bytes, key: key).hexadecimal)"
    }

    /// Nil for what was not made with this key.
    init?(_ text: String, key: SecretKey) {
        let parts = text.split(byte: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, let code = AuthenticationCode(hexadecimal: parts[1]) else { return nil }
        let base64 = parts[0].replacing("-", with: "+").replacing("_", with: "/")
        let padding = String(repeating: "=", count: (4 - base64.utf8.count % 4) % 4)
        guard let bytes = Data(base64Encoded: base64 + padding).map({ [UInt8]($0) }),
            AuthenticationCode(of: bytes, key: key) == code, let payload = try? JSONValue(parsing: bytes),
            let operationID = payload["o"]?.string, let keyID = payload["k"]?.int64,
            let environmentID = payload["e"]?.int64, let filters = payload["f"]?.array?.compactMap(\.string),
            let pageSize = payload["n"]?.int64.flatMap({ Int(exactly: $0) }),
            let dates = payload["d"]?.array?.compactMap(\.string),
            let start = payload["a"]?.int64, let end = payload["b"]?.int64, start <= end,
            let upTo = payload["u"]?.string.flatMap({ LogPosition(stored: $0) }),
            let total = payload["t"]?.int64.flatMap({ Int(exactly: $0) }),
            let event = payload["i"]?.string.flatMap({ EventIdentifier($0) })
        else { return nil }
        let keys = (payload["p"]?.array ?? []).compactMap { key -> EventList.Place.Key? in
            if let microseconds = key.int64 { return .time(microseconds) }
            return key.string.map { .text($0) }
        }
        self.init(
            operationID: operationID, keyID: keyID, environmentID: environmentID, filters: filters,
            sort: payload["s"]?.string, pageSize: pageSize, dates: dates,
            range: Timestamp(microseconds: start)..<Timestamp(microseconds: end), upTo: upTo, totalCount: total,
            place: EventList.Place(keys: keys, event: event))
    }

    init(
        operationID: String, keyID: Int64, environmentID: Int64, filters: [String], sort: String?, pageSize: Int,
        dates: [String], range: Range<Timestamp>, upTo: LogPosition, totalCount: Int, place: EventList.Place
    ) {
        self.operationID = operationID
        self.keyID = keyID
        self.environmentID = environmentID
        self.filters = filters
        self.sort = sort
        self.pageSize = pageSize
        self.dates = dates
        self.range = range
        self.upTo = upTo
        self.totalCount = totalCount
        self.place = place
    }
}
