import JSON
import Time

extension JSONValue {
    /// A time as the contract's examples write it.
    static func time(_ time: Timestamp) -> JSONValue {
        .string(time.formatted(.microsecondsUTC))
    }

    /// A text, null when there is none.
    static func text(_ text: String?) -> JSONValue {
        text.map { .string($0) } ?? .null
    }
}
