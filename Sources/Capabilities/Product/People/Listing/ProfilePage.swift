/// A page of a list.
public struct ProfilePage<Entry: Sendable>: Sendable {
    /// What was made of the page's profiles, in the list's order.
    public internal(set) var entries: [Entry] = []
    /// Profiles of the whole list as of its start, the same on every page.
    public let totalCount: Int
    /// What the next page is asked for with. Nil unless this one is full; behind a full one there may be none.
    public internal(set) var next: String?
    /// What its profiles are in the store.
    var size = ProfilePageSize()

    init(totalCount: Int) { self.totalCount = totalCount }

    /// Profiles on the page.
    public var count: Int { entries.count }
}

extension ProfilePage<ListedProfile> {
    /// None in a list of companies.
    public var persons: [Person] {
        entries.compactMap { if case .person(let person) = $0 { person } else { nil } }
    }

    /// None in a list of persons.
    public var companies: [Company] {
        entries.compactMap { if case .company(let company) = $0 { company } else { nil } }
    }
}

/// A profile of a list of persons or of companies.
public enum ListedProfile: Sendable {
    case person(Person)
    case company(Company)
}

/// What becomes of the profiles of a page. They are read one after the other, so that not all of them are in memory as
/// values at a time, which take many times what they are as text.
///
/// ```swift
/// let use = ProfileUse { profile in shown(profile).encoded() } reserving: { try request.reserve($0) }
/// ```
public struct ProfileUse<Entry: Sendable>: Sendable {
    let entry: @Sendable (ListedProfile) -> Entry
    let reserve: @Sendable (Int) throws -> Void

    /// - Parameters:
    ///   - entry: makes an entry of a profile; called in no order, on a thread that answers nobody.
    ///   - reserve: told, before profiles are read, how many bytes of memory that takes; what it throws ends the page.
    public init(
        _ entry: @escaping @Sendable (ListedProfile) -> Entry,
        reserving reserve: @escaping @Sendable (_ bytes: Int) throws -> Void = { _ in }
    ) {
        self.entry = entry
        self.reserve = reserve
    }
}
