import Cryptography
import Foundation

/// Where a scroll goes on, as a client carries it: signed, so that nobody makes one up.
struct ScrollToken: Equatable {
    enum Place: Equatable {
        /// Everybody by rising ids: behind the first, up to the second.
        case ids(after: Int64, upTo: Int64)
        /// A list that is kept, from so many entries on.
        case snapshot(ScrollSnapshot.ID, offset: Int)
    }

    let kind: ProfileKind
    let environmentID: Int64
    let keyID: Int64
    let pageSize: Int
    /// Profiles of the whole list, as of its start.
    let totalCount: Int
    let place: Place

    private static let version: UInt8 = 1

    /// The text: base64 for addresses, a point, and the signature.
    func encoded(key: SecretKey) -> String {
        var bytes = [Self.version, kind.rawValue, 0]
        for number in [environmentID, keyID, Int64(pageSize), Int64(totalCount)] { bytes.append(number) }
        switch place {
        case .ids(let after, let last):
            bytes.append(after)
            bytes.append(last)
        case .snapshot(let id, let offset):
            bytes[2] = 1
            bytes.append(Int64(bitPattern: id.high))
            bytes.append(Int64(bitPattern: id.low))
            bytes.append(Int64(offset))
        }
        let payload = Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
        return "\(payload).\(AuthenticationCode(of: bytes, key: key).hexadecimal)"
    }

    /// Nil for what was not made with this key.
    init?(_ text: String, key: SecretKey) {
        let parts = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard text.utf8.count < 400, parts.count == 2,
            let code = AuthenticationCode(hexadecimal: String(Substring(parts[1])))
        else { return nil }
        var payload = String(Substring(parts[0])).replacing("-", with: "+").replacing("_", with: "/")
        payload += String(repeating: "=", count: (4 - payload.utf8.count % 4) % 4)
        guard let data = Data(base64Encoded: payload) else { return nil }
        let bytes = [UInt8](data)
        guard AuthenticationCode(of: bytes, key: key) == code else { return nil }
        guard bytes.count >= 3, bytes[0] == Self.version, let kind = ProfileKind(rawValue: bytes[1]) else { return nil }
        let numbers = stride(from: 3, to: bytes.count - 7, by: 8).map { bytes.number(at: $0) }
        guard numbers.count == (bytes[2] == 0 ? 6 : 7) else { return nil }
        self.kind = kind
        (environmentID, keyID) = (numbers[0], numbers[1])
        (pageSize, totalCount) = (Int(numbers[2]), Int(numbers[3]))
        if bytes[2] == 0 {
            place = .ids(after: numbers[4], upTo: numbers[5])
        } else {
            let id = ScrollSnapshot.ID(
                high: UInt64(bitPattern: numbers[4]), low: UInt64(bitPattern: numbers[5]))
            place = .snapshot(id, offset: Int(numbers[6]))
        }
    }

    init(
        kind: ProfileKind, environmentID: Int64, keyID: Int64, pageSize: Int, totalCount: Int, place: Place
    ) {
        self.kind = kind
        self.environmentID = environmentID
        self.keyID = keyID
        self.pageSize = pageSize
        self.totalCount = totalCount
        self.place = place
    }

    /// The next page of the same scroll.
    func moved(to place: Place) -> ScrollToken {
        ScrollToken(
            kind: kind, environmentID: environmentID, keyID: keyID, pageSize: pageSize, totalCount: totalCount,
            place: place)
    }
}

extension [UInt8] {
    /// Eight bytes, the lowest first.
    fileprivate mutating func append(_ number: Int64) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    /// Eight bytes that there are.
    fileprivate func number(at place: Int) -> Int64 {
        Int64(bitPattern: (0..<8).reduce(0) { $0 | UInt64(self[place + $1]) << UInt64(8 * $1) })
    }
}
