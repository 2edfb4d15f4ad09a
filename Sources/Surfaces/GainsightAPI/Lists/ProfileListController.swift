import Catalogue
import EventStore
import Gateway
import HTTPTypes
import Identity
import JSON
import People
import Text

/// Lists of users and accounts: filtered, sorted and scrolled.
struct ProfileListController: Sendable {
    let lists: ProfileLists
    let catalogue: CatalogueStore
    let feed: ProjectionFeed
    /// Pages that are made at a time: in memory they take many times what they are as text.
    private let turns = Turns(atOnce: 3)

    init(lists: ProfileLists, catalogue: CatalogueStore, feed: ProjectionFeed) {
        self.lists = lists
        self.catalogue = catalogue
        self.feed = feed
    }

    private static let patience = Duration.seconds(10)
    private static let limits = OperationLimits(endsWithCaller: true)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listUsers", allow: .readOrProbe, limits: Self.limits) { key, request in
            // What Userpilot's clients try their tokens with.
            guard let key else { return .json([:]) }
            return try await turns.run {
                let (page, next) = try await page(.person, key, request)
                return Self.answer("users", page.persons.map(\.shown), total: page.totalCount, next: next)
            }
        }
        surface.on("listAccounts", allow: .readOfGainsight, limits: Self.limits) { key, request in
            try await turns.run {
                let (page, next) = try await page(.company, key, request)
                return Self.answer("accounts", page.companies.map(\.shown), total: page.totalCount, next: next)
            }
        }
    }

    private func page(
        _ kind: ProfileKind, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> (page: ProfilePage, scrollID: String?) {
        let asked = try ListRequest(request)
        do {
            let page: ProfilePage
            if let token = asked.token {
                page = try await lists.next(token, kind, environmentID: key.environmentID, keyID: key.keyID)
            } else {
                try await feed.catchUp(within: Self.patience)
                page = try await lists.first(
                    try await query(asked, kind, key), environmentID: key.environmentID, keyID: key.keyID)
            }
            return (page, page.next.map { asked.scrollID($0) })
        } catch let error as ProfileListError {
            throw error.answer
        }
    }

    private func query(_ asked: ListRequest, _ kind: ProfileKind, _ key: EnvironmentKey) async throws -> ProfileQuery {
        let filter = try FilterExpression(asked.filters)
        let sort = try SortExpression(asked.sort)
        let names = filter.alternatives.joined().map(\.field) + sort.keys.map(\.field)
        var learned: [ClientText: PropertyType] = [:]
        if names.contains(where: { $0.hasBytePrefix("customAttributes.") }) {
            let subject: ProfileSubject = kind == .person ? .user : .company
            for property in try await catalogue.properties(of: subject, environmentID: key.environmentID) {
                learned[ClientText(property.key)] = property.dataType
            }
        }
        let attributes = ListedAttributes(kind, learned: learned)
        var alternatives: [[ProfileTerm]] = []
        for terms in filter.alternatives {
            var conditions: [ProfileTerm] = []
            for term in terms { conditions.append(try Self.condition(term, attributes)) }
            alternatives.append(conditions)
        }
        var keys: [ProfileQuery.SortKey] = []
        for key in sort.keys {
            let attribute = try attributes.attribute(key.field, in: "sort")
            keys.append(ProfileQuery.SortKey(attribute, isDescending: key.isDescending))
        }
        return try ProfileQuery(kind, where: alternatives, sort: keys, pageSize: asked.pageSize)
    }

    private static func condition(
        _ term: FilterExpression.Term, _ attributes: ListedAttributes
    ) throws(APIError) -> ProfileTerm {
        let attribute = try attributes.attribute(term.field, in: "filter")
        do {
            return try ProfileTerm(attribute, term.comparison.ofProfiles, term.value)
        } catch {
            throw APIError.invalid("filter", "filter: \(term.field): \(error)")
        }
    }

    /// Under the base's name of the rows and under the vendor's.
    private static func answer(
        _ name: String, _ rows: [JSONValue], total: Int, next: String?
    ) -> OperationResponse {
        let rows = JSONValue.array(rows).encoded()
        var writer = JSONWriter(capacity: 2 * rows.count + 512)
        writer.beginObject()
        for key in [name, "results"] {
            writer.key(key)
            writer.raw(rows)
        }
        writer.key("totalHits")
        writer.integer(total)
        writer.key("scrollId")
        writer.value(next.map { .string($0) } ?? .null)
        writer.endObject()
        return .json(writer.bytes)
    }
}

extension ProfileListError {
    fileprivate var answer: APIError {
        switch self {
        case .pageSize: .invalid("pageSize", "\(self)")
        case .tooManyTerms, .tooManyAttributes: .invalid("filter", "\(self)")
        case .tooManySortKeys: .invalid("sort", "\(self)")
        case .foreignToken, .expired: .invalid("scrollId", "\(self)")
        case .tooLarge, .pageTooLarge: APIError(.unprocessableContent, "\(self)")
        case .busy: .unavailable("\(self)", retryAfterSeconds: 5)
        }
    }
}

extension FilterExpression.Comparison {
    fileprivate var ofProfiles: ProfileComparison {
        switch self {
        case .equal: .equal
        case .unequal: .unequal
        case .atMost: .atMost
        case .atLeast: .atLeast
        case .less: .less
        case .greater: .greater
        case .like: .like
        case .unlike: .unlike
        }
    }
}
