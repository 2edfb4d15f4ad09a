import JSON
import Serving

/// The values of a goal: a list of names and values, or one object.
extension TrackingReader {
    /// Bytes of a transaction's id.
    private static let maximumTransactionIDBytes = 255

    mutating func readValues(_ node: JSONNode?, _ place: String, into conversion: inout TrackingBatch.Conversion) {
        guard let node, !node.isVoid else { return }
        conversion.form = .annotated
        switch node.kind {
        case .array:
            for (index, entry) in node.elements.enumerated() {
                if let key = entry["key"]?.string {
                    setValue(key, entry["value"], "\(place)[\(index)]", in: &conversion)
                } else {
                    leaveOut(.goalData, "\(place)[\(index)]")
                }
            }
        case .object:
            for member in node.members { setValue(member.key, member.value, place, in: &conversion) }
        default: leaveOut(.goalData, place)
        }
    }

    /// - Parameter node: null where there is none.
    mutating func setValue(
        _ key: String, _ node: JSONNode?, _ place: String, in conversion: inout TrackingBatch.Conversion
    ) {
        switch key {
        case "amount":
            conversion.revenue = value(node, .amount, place) { Self.number($0) }
        case "productsCount":
            conversion.productsCount = value(node, .productsCount, place) {
                Self.number($0).flatMap { Int64(exactly: $0.rounded(.towardZero)) }
            }
        case "transactionId":
            conversion.transactionID = value(node, .transactionID, place) {
                $0.identifier.flatMap { $0.utf8.count <= Self.maximumTransactionIDBytes ? $0 : nil }
            }
        case "customDimension1", "customDimension2", "customDimension3", "customDimension4", "customDimension5":
            return
        default: return leaveOut(.goalData, place)
        }
        conversion.form = .transaction
    }

    private mutating func value<Value>(
        _ node: JSONNode?, _ name: TrackedValue, _ place: String, _ read: (JSONNode) -> Value?
    ) -> Value? {
        // Nobody misses what was not there; an amount that is an empty text was to be one.
        guard let node, !node.isNull, name != .transactionID || !node.isString("") else { return nil }
        if let value = read(node) { return value }
        leaveOut(name, place)
        return nil
    }

    /// SDKs send numbers, and some numbers as text.
    private static func number(_ node: JSONNode) -> Double? {
        guard let number = node.double ?? node.string.flatMap(DecimalText.number), number.isFinite else { return nil }
        return number
    }
}
