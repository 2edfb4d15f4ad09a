import EventStore
import JSON
import Text
import Time

/// All that is wrong with a row that was not taken. Reading stops at the first fault; here each that is found is mended with
/// something that is right, and the row is read again. It costs a reading a fault, so it is for rows whose faults are told.
struct RowFaults {
    let kind: UploadKind
    let form: any EventForm
    let call: EventCall

    /// Faults that are told of one row.
    private static let most = 20

    /// - Parameter first: what kept the row from being taken.
    /// - Returns: that, and what is wrong besides, in the order of finding; one for each field.
    func all(of row: JSONNode, first: EventRejection) -> [EventRejection] {
        var faults = [first]
        guard row.kind == .object, var object = row.value.object else { return faults }
        while faults.count < Self.most, let last = faults.last, mend(&object, last.field) {
            guard let fault = fault(of: object), !faults.contains(where: { $0.field.hasSameBytes(as: fault.field) })
            else { break }
            faults.append(fault)
        }
        return faults
    }

    private func fault(of object: JSONObject) -> EventRejection? {
        guard let row = try? JSONDocument(parsing: JSONValue.object(object).encoded()).root else { return nil }
        var builder = EventBatchBuilder(
            receivedAt: call.now, expectedEvents: 2, namesCompanies: kind != .importEvents)
        do throws(EventRejection) {
            try kind.check(row)
            _ = try form.decode(row, call, derivedEventID: "row", into: &builder)
            return nil
        } catch {
            return error
        }
    }

    /// Puts something that is right where a fault was found.
    /// - Returns: false when nobody can say what that would be.
    private func mend(_ object: inout JSONObject, _ field: String) -> Bool {
        let names = field.split(separator: ".", maxSplits: 1).map(String.init)
        guard let name = names.first else { return false }
        switch name {
        case "event_type":
            // What it takes besides is known of a type only: this one takes no more than a user.
            object[name] = .string(EventType.sessionStart.name)
            if object["user_id"].map(\.isNull) ?? true { object["user_id"] = "-" }
        case "user_id", "event_name", "company_id", "user_agent": object[name] = "-"
        case "source": object[name] = .string(EventSource.backendHTTP.name)
        case "inserted_at": object[name] = .string(call.now.formatted(.secondsUTC))
        case "url": object[name] = "https://example.com/"
        case "hostname", "pathname":
            object["hostname"] = "example.com"
            object["pathname"] = "/"
        case "company":
            object[name] = nil
            if object["company_id"].map(\.isNull) ?? true { object["company_id"] = "-" }
        default:
            if names.count == 2, var inner = object[name]?.object, inner[names[1]] != nil {
                inner[names[1]] = nil
                object[name] = .object(inner)
            } else if object[name] != nil {
                object[name] = nil
            } else {
                return false
            }
        }
        return true
    }
}
