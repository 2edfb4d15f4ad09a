import Gateway
import JSON
import Serving

/// What a tracking call is answered (contract schema `TrackingSuccessData`).
enum TrackingAnswerBody {
    /// 200 whatever was dropped: SDKs would send it again.
    static func response(
        _ rejections: [TrackingRejection: Int], leavingOut values: [TrackedValue: Int] = [:]
    ) -> OperationResponse {
        let rejected = rejections.filter { $0.value > 0 }.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
        let leftOut = values.map { ($0.key.rawValue, $0.value) }.sorted { $0.0 < $1.0 }
        var sentences: [String] = []
        if rejected.isEmpty { sentences.append("All events are stored.") }
        for (start, counts) in [("Not stored", rejected), ("Left out", leftOut)] where !counts.isEmpty {
            sentences.append("\(start): \(counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")).")
        }
        var body: JSONValue = ["code": 200, "message": .string(sentences.joined(separator: " "))]
        if !rejected.isEmpty { body["rejected"] = object(rejected) }
        if !leftOut.isEmpty { body["left_out"] = object(leftOut) }
        return .json(body)
    }

    private static func object(_ counts: [(String, Int)]) -> JSONValue {
        .object(JSONObject(counts.map { ($0.0, .integer(Int64($0.1))) }))
    }
}
