/// A page of a list.
public struct ProfilePage: Sendable {
    /// In the list's order; none in a list of companies.
    public var persons: [Person] = []
    /// In the list's order; none in a list of persons.
    public var companies: [Company] = []
    /// Profiles of the whole list as of its start, the same on every page.
    public let totalCount: Int
    /// What the next page is asked for with. Nil unless this one is full; behind a full one there may be none.
    public internal(set) var next: String?

    init(totalCount: Int) { self.totalCount = totalCount }

    /// Profiles on the page.
    public var count: Int { persons.count + companies.count }
}
