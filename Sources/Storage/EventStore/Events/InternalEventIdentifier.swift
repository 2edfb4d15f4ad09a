import CXXHash
import Time

/// The id that exported rows carry as `internal_event_id`: xxHash64 over app token, event type, event name, user id,
/// company id and the event's time, in the order of the vendor's export documentation. The vendor does not publish how
/// the parts are joined; here each is followed by a zero byte, and the time is the text that the export shows.
enum InternalEventIdentifier {
    private static let fields: InlineArray<3, EventField> = [.eventName, .userID, .companyID]

    static func hash(_ row: EventRow, text: UnsafeBufferPointer<UInt8>, appToken: String) -> UInt64 {
        var state = XXH64_state_t()
        XXH64_reset(&state, 0)
        add(appToken, to: &state)
        add(row.type.name, to: &state)
        for index in fields.indices {
            let slice = row.texts[fields[index].rawValue]
            if !slice.isNone, slice.length > 0 {
                XXH64_update(&state, text.baseAddress! + Int(slice.offset), Int(slice.length))
            }
            endPart(of: &state)
        }
        add(Timestamp(microseconds: row.occurredAt).formatted(.microsecondsUTC), to: &state)
        return XXH64_digest(&state)
    }

    private static func add(_ part: String, to state: inout XXH64_state_t) {
        var part = part
        part.withUTF8 { bytes in
            if let start = bytes.baseAddress { XXH64_update(&state, start, bytes.count) }
        }
        endPart(of: &state)
    }

    private static func endPart(of state: inout XXH64_state_t) {
        var zero: UInt8 = 0
        XXH64_update(&state, &zero, 1)
    }
}
