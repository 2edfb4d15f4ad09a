import EventStore
import Events
import JSON

/// What became of the events of one call, as JSON (contract schema `IngestionResult`). Written byte by byte: the answer
/// to a batch must not cost more than storing it.
enum IngestionAnswer {
    private static let bytesOfOne = 88

    static func bytes(of results: [EventResult]) -> [UInt8] {
        var accepted = 0
        var duplicates = 0
        for result in results {
            switch result {
            case .accepted: accepted += 1
            case .duplicate: duplicates += 1
            case .rejected: break
            }
        }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(128 + results.count * bytesOfOne)
        let rejected = results.count - accepted - duplicates
        let counts = "{\"accepted\":\(accepted),\"duplicates\":\(duplicates),\"rejected\":\(rejected),\"results\":["
        bytes.append(contentsOf: counts.utf8)
        for (position, result) in results.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            append(result, to: &bytes)
        }
        append("]}", to: &bytes)
        return bytes
    }

    private static func append(_ result: EventResult, to bytes: inout [UInt8]) {
        switch result {
        case .accepted(let id):
            append("{\"status\":\"accepted\",\"event_id\":\"", to: &bytes)
            id.write(into: &bytes)
            append("\"}", to: &bytes)
        case .duplicate:
            append("{\"status\":\"duplicate\"}", to: &bytes)
        case .rejected(let rejection):
            let error: JSONValue = [
                "field": .string(rejection.field), "message": .string(rejection.message),
                "reason": .string(rejection.reason.rawValue),
            ]
            append("{\"status\":\"rejected\",\"error\":", to: &bytes)
            error.encode(into: &bytes)
            append("}", to: &bytes)
        }
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}
