import Text

/// The companies of the users who were asked about most lately, in bounded memory: when the young answers are half of
/// what is allowed, they become the old ones, and those that were old are forgotten.
struct CompanyCache {
    private static let generationSize = 100_000

    private var young: [UserCompanies.Key: ClientText?] = [:]
    private var old: [UserCompanies.Key: ClientText?] = [:]
    /// How often everything was forgotten: answers read before that are no longer taken.
    private(set) var version = 0

    var count: Int { young.count + old.count }

    /// What is known of a user; nil when nothing is.
    mutating func answer(_ key: UserCompanies.Key) -> ClientText?? {
        if let answer = young[key] { return answer }
        guard let answer = old[key] else { return nil }
        insert(answer, for: key)
        return answer
    }

    mutating func insert(_ company: ClientText?, for key: UserCompanies.Key) {
        if young.count >= Self.generationSize {
            old = young
            young = [:]
        }
        young[key] = .some(company)
    }

    mutating func forget(_ key: UserCompanies.Key) {
        young.removeValue(forKey: key)
        old.removeValue(forKey: key)
    }

    mutating func forgetAll() {
        young = [:]
        old = [:]
        version += 1
    }
}
