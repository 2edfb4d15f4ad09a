import Events
import JSON

extension EventDecoder {
    /// A whole number that fits a screen: 0 to 65,535.
    static func screenSize(_ node: JSONNode?, _ field: StaticString) throws(EventRejection) -> Int32? {
        guard let node else { return nil }
        guard let value = node.int64 else {
            throw EventRejection(
                .wrongType, field: "\(field)", "\(field) must be a whole number, got \(node.kind.phrase).")
        }
        guard (0...65_535).contains(value) else {
            throw EventRejection(.outOfRange, field: "\(field)", "\(field) must be between 0 and 65535.")
        }
        return Int32(value)
    }
}
