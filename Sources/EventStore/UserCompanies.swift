import CXXHash
import Synchronization
import Text

/// Which company each user is in, as identify events have said in the order of the log. What a user does without naming a
/// company is stored with it, as the vendor's rows have it.
///
/// Users are kept as keyed 64-bit fingerprints, at 16 to 32 bytes for each who is in a company; see
/// ``DeduplicationWindow`` for what that means.
public final class UserCompanies: Sendable {
    typealias Key = UInt64

    private struct Company: Hashable {
        let environmentID: Int64
        let id: ClientText
    }

    private struct State {
        /// User to the place of the company in the list.
        var places: [Key: Int32] = [:]
        /// Nil for one that was deleted: nobody is in it.
        var companies: [Company?] = []
        var known: [Company: Int32] = [:]

        mutating func place(of company: Company) -> Int32 {
            if let place = known[company] { return place }
            let place = Int32(companies.count)
            companies.append(company)
            known[company] = place
            return place
        }
    }

    private let state = Mutex(State())
    private let seed = UInt64.random(in: .min ... .max)

    /// Nobody is in a company.
    public init() {}

    /// The company that a user is in; nil for none.
    public func company(of userID: String, environmentID: Int64) -> String? {
        var userID = userID
        let key = userID.withUTF8 { self.key(of: $0, environmentID) }
        return company(of: key)?.string
    }

    /// Puts a user into a company, or out of theirs.
    /// - Parameter companyID: nil or empty for none.
    public func put(_ userID: String, environmentID: Int64, into companyID: String?) {
        var userID = userID
        apply([userID.withUTF8 { key(of: $0, environmentID) }: Move(environmentID: environmentID, companyID: companyID)]
        )
    }

    /// Takes users out of whatever company they are in.
    public func forget(users userIDs: [String], environmentID: Int64) {
        for userID in userIDs { put(userID, environmentID: environmentID, into: nil) }
    }

    /// Takes everybody out of companies.
    public func forget(companies companyIDs: [String], environmentID: Int64) {
        state.withLock { state in
            for id in companyIDs {
                guard
                    let place = state.known.removeValue(
                        forKey: Company(environmentID: environmentID, id: ClientText(id)))
                else { continue }
                state.companies[Int(place)] = nil
            }
        }
    }

    /// Where an identify event puts a user; nil and empty mean nowhere.
    struct Move {
        let environmentID: Int64
        let companyID: String?
    }

    func key(of userID: UnsafeBufferPointer<UInt8>, _ environmentID: Int64) -> Key {
        XXH3_64bits_withSeed(
            userID.baseAddress, userID.count, seed &+ UInt64(bitPattern: environmentID) &* 0x9E37_79B9_7F4A_7C15)
    }

    func company(of key: Key) -> ClientText? {
        state.withLock { state in state.places[key].flatMap { state.companies[Int($0)]?.id } }
    }

    func apply(_ moves: [Key: Move]) {
        if moves.isEmpty { return }
        state.withLock { state in
            for (key, move) in moves {
                if let id = move.companyID, !id.isEmpty {
                    state.places[key] = state.place(of: Company(environmentID: move.environmentID, id: ClientText(id)))
                } else {
                    state.places[key] = nil
                }
            }
        }
    }
}
