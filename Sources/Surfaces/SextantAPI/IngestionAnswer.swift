import EventStore
import Events
import JSON
import Text

/// What became of the events of one call, as JSON (contract schema `IngestionResult`). Written byte by byte: the answer
/// to a batch must not cost more than storing it.
enum IngestionAnswer {
    private static let bytesOfOne = 88

    static func bytes(of batch: IngestedBatch) -> [UInt8] {
        let results = batch.results
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
        let counts = "{\"accepted\":\(accepted),\"duplicates\":\(duplicates),\"rejected\":\(rejected),"
        bytes.append(contentsOf: counts.utf8)
        if batch.unknownEventCount > 0 {
            bytes.append(contentsOf: "\"with_unknown_fields\":\(batch.unknownEventCount),".utf8)
        }
        append("\"results\":[", to: &bytes)
        for (position, result) in results.enumerated() {
            if position > 0 { bytes.append(UInt8(ascii: ",")) }
            append(result, batch.unknownEventCount > 0 ? batch.unknown[position] : nil, to: &bytes)
        }
        append("]}", to: &bytes)
        return bytes
    }

    private static func append(_ result: EventResult, _ unknown: [UnknownName]?, to bytes: inout [UInt8]) {
        switch result {
        case .accepted(let id):
            append("{\"status\":\"accepted\",\"event_id\":\"", to: &bytes)
            id.write(into: &bytes)
            append("\"", to: &bytes)
        case .duplicate:
            append("{\"status\":\"duplicate\"", to: &bytes)
        case .rejected(let rejection):
            append("{\"status\":\"rejected\",\"error\":", to: &bytes)
            rejection.json.encode(into: &bytes)
        }
        if let unknown {
            append(",\"unknown_fields\":", to: &bytes)
            unknown.json.encode(into: &bytes)
        }
        append("}", to: &bytes)
    }

    private static func append(_ text: StaticString, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }
}

extension EventRejection {
    /// Contract schema `EventError`.
    var json: JSONValue {
        ["field": .string(field), "message": .string(message), "reason": .string(reason.rawValue)]
    }
}

extension [UnknownName] {
    /// A list of contract schema `UnknownField`.
    var json: JSONValue {
        .array(
            map { ["field": .string($0.path), "did_you_mean": $0.suggestion.map { .string($0) } ?? .null] })
    }
}
