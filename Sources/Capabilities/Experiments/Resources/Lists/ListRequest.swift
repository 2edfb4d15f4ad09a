public import JSON

/// What a list call asks for. The contract has checked it.
public struct ListRequest: Sendable {
    /// From 1.
    package let page: Int
    /// 0 to 50.
    package let resultsPerPage: Int
    package let sortBy: String?
    package let isDescending: Bool
    package let onlyCount: Bool
    package let only: [Int64]
    package let except: [Int64]
    package let search: String
    package let include: Set<String>
    package let expand: Set<String>
    /// By which goal experiences stand; nil for each one's primary goal.
    package let goalID: Int64?
    /// All members, for filters.
    package let members: JSONObject

    static let standardResultsPerPage = 30

    /// - Parameter body: nil when the call has none.
    public init(_ body: JSONObject?) {
        let body = body ?? JSONObject()
        func ids(_ name: String) -> [Int64] { body[name]?.array?.compactMap(\.int64) ?? [] }
        func names(_ name: String) -> Set<String> { Set(body[name]?.array?.compactMap(\.string) ?? []) }
        page = Int(body["page"]?.int64 ?? 1)
        resultsPerPage = body["results_per_page"]?.int64.map { Int($0) } ?? Self.standardResultsPerPage
        sortBy = body["sort_by"]?.string
        isDescending = body["sort_direction"]?.string != "asc"
        onlyCount = body["onlyCount"]?.bool ?? false
        only = ids("only")
        except = ids("except")
        search = body["search"]?.string ?? ""
        include = names("include")
        expand = names("expand")
        goalID = body["goal_id"]?.int64
        members = body
    }
}

extension ResourceDescription {
    /// What the contract says in words only.
    func check(_ request: ListRequest) throws {
        guard let maximum = maximumIDsWithStatistics, request.include.contains("stats") else { return }
        for (name, ids) in [("only", request.only), ("except", request.except)] where ids.count > maximum {
            throw ExperimentsError.invalid(name, "\(name) may hold at most \(maximum) ids when stats are included.")
        }
    }
}

/// A page of a list, and where it stands in the whole.
public struct ListPage: Sendable {
    /// Nil when only the count was asked for.
    public let items: [JSONValue]?
    public let page: Int
    public let itemsCount: Int
    public let itemsPerPage: Int

    package init(items: [JSONValue]?, page: Int, itemsCount: Int, itemsPerPage: Int) {
        self.items = items
        self.page = page
        self.itemsCount = itemsCount
        self.itemsPerPage = itemsPerPage
    }

    public var pagesCount: Int { itemsPerPage == 0 ? 0 : (itemsCount + itemsPerPage - 1) / itemsPerPage }
}
