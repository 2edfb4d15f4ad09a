package import ControlStore
package import EventStore
import Time

extension ProjectionStep {
    /// Makes the step of a projection in its transaction, around what the events change.
    ///
    /// A position that was already passed means that the events have had their effect; so does an event that is no longer
    /// set aside.
    /// - Returns: what the body returns; nil when it was not called.
    package func take<Result>(
        _ projection: SetAsideKind, in database: Database, _ body: () throws -> Result
    ) throws -> Result? {
        switch self {
        case .advance(let position, let unapplied):
            let stored = try ProjectionPosition.read(projection.rawValue, from: database)
                .flatMap { LogPosition(stored: $0) }
            if let stored, stored >= position { return nil }
            let result = try body()
            for event in unapplied {
                try SetAside.insert(
                    SetAsideEntry(event, of: projection), at: event.event.receivedAt, in: database)
            }
            try ProjectionPosition.move(projection.rawValue, to: position.stored, in: database)
            return result
        case .again(let event):
            guard try SetAside.remove(projection, event.description, in: database) else { return nil }
            return try body()
        }
    }
}

extension SetAsideEntry {
    fileprivate init(_ unapplied: UnappliedEvent, of projection: SetAsideKind) {
        let event = unapplied.event
        self.init(
            kind: projection, environmentID: event.environmentID, subject: unapplied.identifier.description,
            userID: event[.userID], companyID: event[.companyID], receivedAt: event.receivedAt,
            reason: unapplied.reason, attempts: unapplied.attempts)
    }
}
