import Foundation

/// The two parts of `Authorization: Basic base64(NAME:PASSWORD)` (RFC 7617).
struct BasicCredentials {
    let name: String
    let password: String

    /// Nil for what cannot be decoded.
    init?(_ shown: Authorization) {
        guard let decoded = Data(base64Encoded: String(shown.credentials)),
            let colon = decoded.firstIndex(of: UInt8(ascii: ":"))
        else { return nil }
        name = String(decoding: decoded[..<colon], as: UTF8.self)
        password = String(decoding: decoded[colon...].dropFirst(), as: UTF8.self)
    }
}
