import EventStore
import JSON
import People
import Synchronization

/// The user and the account of an event as messages show them.
struct ToldProfile: Sendable {
    /// The event that the user has signed up by; nil without one.
    let signedUpBy: String?
    let user: JSONValue
    let account: JSONValue
}

/// Profiles of the events that were told last: an environment's subscriptions are told of an event at about the same time.
final class ToldProfiles: Sendable {
    private struct Entry {
        let profile: ToldProfile
        let readAt: ContinuousClock.Instant
    }

    private let entries = Mutex<[EventIdentifier: Entry]>([:])

    /// So long is a profile told as it was: those of deleted people are told no longer.
    private static let maximumAge = Duration.seconds(1)
    private static let maximumCount = 256
    /// Bytes of a profile that is kept.
    private static let maximumBytes = 16 * 1_024

    /// - Parameter read: asked when the event was not told just now.
    func profile(
        of event: EventIdentifier, _ read: () async throws -> ToldProfile
    ) async throws -> ToldProfile {
        let now = ContinuousClock.now
        if let entry = entries.withLock({ $0[event] }), now - entry.readAt < Self.maximumAge { return entry.profile }
        let profile = try await read()
        guard profile.user.encoded().count + profile.account.encoded().count <= Self.maximumBytes else {
            return profile
        }
        entries.withLock { entries in
            if entries.count >= Self.maximumCount {
                entries = entries.filter { now - $0.value.readAt < Self.maximumAge }
                if entries.count >= Self.maximumCount { entries = [:] }
            }
            entries[event] = Entry(profile: profile, readAt: now)
        }
        return profile
    }
}
