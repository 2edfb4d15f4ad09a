public import JSON
import Time

/// How events are written down on their way to the store.
extension ExperimentEvent {
    /// Events as a JSON array; ``decoded(_:)`` reads it.
    public static func encoded(_ events: some Sequence<ExperimentEvent>) -> [UInt8] {
        var writer = JSONWriter(capacity: 4_096)
        writer.beginArray()
        for event in events { event.write(to: &writer) }
        writer.endArray()
        return writer.bytes
    }

    /// The events of such an array.
    /// - Throws: `JSONError` for what is no JSON, ``UnknownExperimentEvent`` for anything else.
    public static func decoded(_ bytes: [UInt8]) throws -> [ExperimentEvent] {
        try elements(bytes).map { element in
            guard case .event(let event) = element else { throw UnknownExperimentEvent() }
            return event
        }
    }

    /// What such an array holds: each event, or what is written in a way that this version does not know.
    public enum Written: Sendable {
        case event(ExperimentEvent)
        case unknown(JSONValue)
    }

    /// The elements of such an array.
    /// - Throws: `JSONError` for what is no JSON, ``UnknownExperimentEvent`` for what is no array.
    public static func elements(_ bytes: [UInt8]) throws -> [Written] {
        guard let list = try JSONValue(stored: bytes).array else { throw UnknownExperimentEvent() }
        return list.map { value in ExperimentEvent(value).map { .event($0) } ?? .unknown(value) }
    }

    private func write(to writer: inout JSONWriter) {
        writer.beginObject()
        withUnsafePointer(to: ExposureRow(self)) { row in
            for column in ExposureTable.columns {
                if let member = column.member { column.content.write(row, as: member, to: &writer) }
            }
        }
        if !assignments.isEmpty {
            writer.key(Self.assignmentsMember)
            writer.beginArray()
            for assignment in assignments {
                writer.integer(assignment.experienceID)
                writer.integer(assignment.variationID)
            }
            writer.endArray()
        }
        writer.endObject()
    }

    /// Experience, variation, experience, variation, and so on.
    private static let assignmentsMember = "assignments"

    private init?(_ value: JSONValue) {
        var row = ExposureRow()
        for column in ExposureTable.columns {
            guard let member = column.member else { continue }
            guard column.content.read(value[member], into: &row) else { return nil }
        }
        let pairs = (value[Self.assignmentsMember]?.array ?? []).compactMap(\.int64)
        row.event.assignments = stride(from: 0, to: pairs.count - 1, by: 2).map {
            Assignment(experienceID: pairs[$0], variationID: pairs[$0 + 1])
        }
        self = row.event
    }
}

extension ExposureColumn.Content {
    /// Writes what the column holds as a member of an object; what there is not, and empty lists, are left out.
    fileprivate func write(_ row: UnsafePointer<ExposureRow>, as name: String, to writer: inout JSONWriter) {
        func write<Value>(_ value: Value?, _ body: (Value) -> Void) {
            guard let value else { return }
            writer.key(name)
            body(value)
        }
        func write<Value>(_ values: [Value], _ body: (Value) -> Void) {
            if values.isEmpty { return }
            writer.key(name)
            writer.beginArray()
            for value in values { body(value) }
            writer.endArray()
        }
        switch self {
        case .identifier: write(row.pointee.event.id.description) { writer.string($0) }
        case .kind: write(row.pointee.event.kind.rawValue) { writer.string($0) }
        case .int64(let member): write(member.value(of: row)) { writer.integer($0) }
        case .time(let member): write(member.value(of: row).microseconds) { writer.integer($0) }
        case .text(let member): write(member.value(of: row)) { writer.string($0) }
        case .optionalInt64(let member): write(member.value(of: row)) { writer.integer($0) }
        case .optionalDouble(let member): write(member.value(of: row)) { writer.double($0) }
        case .optionalText(let member): write(member.value(of: row)) { writer.string($0) }
        case .texts(let member): write(member.value(of: row)) { writer.string($0) }
        case .int64s(let member): write(member.value(of: row)) { writer.integer($0) }
        }
    }

    /// Sets what a member of an object holds.
    /// - Returns: false when the object is no event that this version knows.
    fileprivate func read(_ value: JSONValue?, into row: inout ExposureRow) -> Bool {
        switch self {
        case .identifier:
            return value?.string.flatMap { EventIdentifier($0) }.map { row.event.id = $0 } != nil
        case .kind:
            return value?.string.flatMap(ExperimentEvent.Kind.init(rawValue:)).map { row.event.kind = $0 } != nil
        case .int64(let member): return value?.int64.map { member.set($0, in: &row) } != nil
        case .time(let member):
            return value?.int64.map { member.set(Timestamp(microseconds: $0), in: &row) } != nil
        case .text(let member): return value?.string.map { member.set($0, in: &row) } != nil
        case .optionalInt64(let member): member.set(value?.int64, in: &row)
        case .optionalDouble(let member): member.set(value?.double, in: &row)
        case .optionalText(let member): member.set(value?.string, in: &row)
        case .texts(let member): member.set(value?.array?.compactMap(\.string) ?? [], in: &row)
        case .int64s(let member): member.set(value?.array?.compactMap(\.int64) ?? [], in: &row)
        }
        return true
    }
}

/// An event was written down in a way that this version does not know.
public struct UnknownExperimentEvent: Error, CustomStringConvertible {
    public init() {}

    public var description: String { "an experiment event is written in a form that this version does not know" }
}
