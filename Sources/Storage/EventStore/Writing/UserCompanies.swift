import CXXHash
import Synchronization
import Text

/// Which company each user is in, as identify events have said in the order of the log. What a user does without naming a
/// company is stored with it, as the vendor's rows have it.
///
/// The profiles say it, and they follow the log: what has not reached them yet is kept here, so that a start reads no
/// more than that, and memory holds no more than that and a bounded number of answers. Users are keyed 64-bit
/// fingerprints; see ``DeduplicationWindow`` for what that means.
public final class UserCompanies: Sendable {
    typealias Key = UInt64

    /// Where an identify event has put a user; a company that is nil or empty is none.
    struct Move {
        let environmentID: Int64
        let companyID: String?
        let identifier: EventIdentifier
    }

    private struct Company: Hashable {
        let environmentID: Int64
        let id: ClientText
    }

    /// Where a user is for now, whatever their profile says.
    private struct Place {
        var company: Company?
        /// The event that says so; nil for one whose deletion is under way.
        var event: EventIdentifier?
        /// For the latter, up to where events are to be deleted.
        var deletedTo: LogPosition?
    }

    private struct State {
        var places: [Key: Place] = [:]
        /// The events behind places, in their order, from an index on.
        var order: [(event: EventIdentifier, key: Key)] = []
        var start = 0
        /// Of those, what has reached the profiles and is kept for as long as the deletion of its company is under way.
        var held: [(event: EventIdentifier, key: Key)] = []
        /// Companies whose deletion is under way, and up to where: nobody who joined by then is in them.
        var deleted: [Company: LogPosition] = [:]
        var cache = CompanyCache()

        mutating func place(_ key: Key, _ company: Company?, by event: EventIdentifier) {
            places[key] = Place(company: company, event: event)
            order.append((event, key))
            cache.forget(key)
        }

        /// Leaves what an event says to the profiles, unless something newer or a deletion stands against that.
        mutating func leave(_ key: Key, _ event: EventIdentifier) {
            guard let place = places[key], place.event == event else { return }
            // The profiles do not tell who joined a company before its deletion and who after it.
            if let company = place.company, deleted[company] != nil {
                held.append((event, key))
            } else {
                places[key] = nil
            }
        }

        /// Nil when only the profile can tell.
        func current(_ key: Key) -> ClientText?? {
            guard let place = places[key] else { return nil }
            guard let company = place.company else { return .some(nil) }
            if let end = deleted[company], place.event.map(end.includes) ?? true { return .some(nil) }
            return company.id
        }
    }

    private let state = Mutex(State())
    private let known: any KnownCompanies
    private let seed = UInt64.random(in: .min ... .max)

    /// - Parameter known: what the profiles say.
    public init(known: any KnownCompanies) {
        self.known = known
    }

    /// Nobody is in a company yet.
    public convenience init() {
        self.init(known: NoKnownCompanies())
    }

    /// Takes over what an event says that has not reached the profiles.
    /// - Parameter companyID: nil or empty for none.
    public func put(
        _ userID: String, environmentID: Int64, into companyID: String?, by event: EventIdentifier
    ) {
        let move = Move(environmentID: environmentID, companyID: companyID, identifier: event)
        apply([key(of: userID, environmentID): move])
    }

    /// Users are in no company from now on, whatever their profiles say until the deletion is done.
    /// - Parameter end: up to where events are to be deleted.
    public func delete(users userIDs: [String], environmentID: Int64, upTo end: LogPosition) {
        state.withLock { state in
            for userID in userIDs {
                let key = key(of: userID, environmentID)
                if let event = state.places[key]?.event, !end.includes(event) { continue }
                state.places[key] = Place(company: nil, event: nil, deletedTo: end)
            }
        }
    }

    /// Nobody is in these companies from now on, but who joins later.
    /// - Parameter end: up to where events are to be deleted.
    public func delete(companies companyIDs: [String], environmentID: Int64, upTo end: LogPosition) {
        state.withLock { state in
            for id in companyIDs {
                state.deleted[Company(environmentID: environmentID, id: ClientText(id))] = end
            }
        }
    }

    /// Goes by the profiles again: what was to be deleted of users is.
    public func finish(users userIDs: [String], environmentID: Int64, upTo end: LogPosition) {
        state.withLock { state in
            for userID in userIDs {
                let key = key(of: userID, environmentID)
                if let deletedTo = state.places[key]?.deletedTo, deletedTo <= end { state.places[key] = nil }
            }
            state.cache.forgetAll()
        }
    }

    /// Goes by the profiles again: what was to be deleted of companies is.
    public func finish(companies companyIDs: [String], environmentID: Int64, upTo end: LogPosition) {
        state.withLock { state in
            for id in companyIDs {
                let company = Company(environmentID: environmentID, id: ClientText(id))
                if let deletedTo = state.deleted[company], deletedTo <= end { state.deleted[company] = nil }
            }
            let held = state.held
            state.held = []
            for (event, key) in held { state.leave(key, event) }
            state.cache.forgetAll()
        }
    }

    /// Asks the profiles again: something but the order of the log has changed them.
    public func reread() {
        state.withLock { $0.cache.forgetAll() }
    }

    func key(of userID: UnsafeBufferPointer<UInt8>, _ environmentID: Int64) -> Key {
        XXH3_64bits_withSeed(
            userID.baseAddress, userID.count, seed &+ UInt64(bitPattern: environmentID) &* 0x9E37_79B9_7F4A_7C15)
    }

    private func key(of userID: String, _ environmentID: Int64) -> Key {
        var userID = userID
        return userID.withUTF8 { key(of: $0, environmentID) }
    }

    func apply(_ moves: [Key: Move]) {
        if moves.isEmpty { return }
        state.withLock { state in
            for (key, move) in moves.sorted(by: { $0.value.identifier < $1.value.identifier }) {
                let company = move.companyID.flatMap { id in
                    id.isEmpty ? nil : Company(environmentID: move.environmentID, id: ClientText(id))
                }
                state.place(key, company, by: move.identifier)
            }
        }
    }

    /// The companies of those users who are in one.
    /// - Throws: what keeps the profiles from being read.
    func companies(of users: [Key: EventUser]) throws -> [Key: ClientText] {
        var companies: [Key: ClientText] = [:]
        var unknown: [(key: Key, user: EventUser)] = []
        let version = state.withLock { state in
            for (key, user) in users {
                guard let answer = state.current(key) ?? state.cache.answer(key) else {
                    unknown.append((key, user))
                    continue
                }
                companies[key] = answer
            }
            return state.cache.version
        }
        let read = unknown.isEmpty ? [] : try known.companies(of: unknown.map(\.user))
        return state.withLock { state in
            for ((key, _), company) in zip(unknown, read) {
                let company = company.flatMap { $0.isEmpty ? nil : ClientText($0) }
                if state.cache.version == version { state.cache.insert(company, for: key) }
                companies[key] = company
            }
            if state.deleted.isEmpty { return companies }
            return companies.filter { key, company in
                guard let user = users[key], state.places[key] == nil else { return true }
                return state.deleted[Company(environmentID: user.environmentID, id: company)] == nil
            }
        }
    }

    /// Leaves to the profiles what has reached them.
    /// - Parameter position: up to where events have; nil for none.
    func forget(upTo position: LogPosition?) {
        guard let position else { return }
        state.withLock { state in
            while state.start < state.order.count, position.includes(state.order[state.start].event) {
                let (event, key) = state.order[state.start]
                state.start += 1
                state.leave(key, event)
            }
            if state.start > state.order.count / 2 {
                state.order.removeFirst(state.start)
                state.start = 0
            }
        }
    }

    /// Users for whom something stands that their profiles do not show yet.
    var waitingCount: Int { state.withLock { $0.places.count } }

    /// Answers of the profiles in memory.
    var cachedCount: Int { state.withLock { $0.cache.count } }
}
