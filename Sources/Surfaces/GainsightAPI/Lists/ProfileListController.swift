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

    private static let patience = Duration.seconds(10)
    private static let limits = OperationLimits(endsWithCaller: true, reservesMemory: true)

    func addRoutes(to surface: inout SurfaceBuilder<Void>) {
        surface.on("listUsers", allow: .readOrProbe, limits: Self.limits) { key, request in
            // What Userpilot's clients try their tokens with.
            guard let key else { return .json([:]) }
            return try await answer(.person, key, request)
        }
        surface.on("listAccounts", allow: .readOfGainsight, limits: Self.limits) { key, request in
            try await answer(.company, key, request)
        }
    }

    /// Each profile is made and written before the next is read.
    private func answer(
        _ kind: ProfileKind, _ key: EnvironmentKey, _ request: OperationRequest
    ) async throws -> OperationResponse {
        let use = ProfileUse { profile in
            switch profile {
            case .person(let person): person.shown.encoded()
            case .company(let company): company.shown.encoded()
            }
        } reserving: {
            try request.reserve($0)
        }
        let (page, next) = try await page(kind, key, request, use)
        return Self.answer(kind == .person ? "users" : "accounts", page.entries, total: page.totalCount, next: next)
    }

    private func page<Entry>(
        _ kind: ProfileKind, _ key: EnvironmentKey, _ request: OperationRequest, _ use: ProfileUse<Entry>
    ) async throws -> (page: ProfilePage<Entry>, scrollID: String?) {
        let asked = try ListRequest(request)
        do {
            let page: ProfilePage<Entry>
            if let token = asked.token {
                page = try await lists.next(token, kind, environmentID: key.environmentID, keyID: key.keyID, use)
            } else {
                try await feed.catchUp(within: Self.patience)
                page = try await lists.first(
                    try await query(asked, kind, key), environmentID: key.environmentID, keyID: key.keyID, use)
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
        // Of an attribute that has held texts beside numbers or times, the operand says which are meant.
        if attribute.type == .text, term.field.hasBytePrefix("customAttributes."), term.comparison.isOfOrder {
            for type in [ProfileAttribute.ValueType.number, .time] {
                let taken = ProfileAttribute(type, attribute.sources)
                if let term = try? ProfileTerm(taken, term.comparison.ofProfiles, term.value) { return term }
            }
        }
        do {
            return try ProfileTerm(attribute, term.comparison.ofProfiles, term.value)
        } catch {
            throw APIError.invalid("filter", "filter: \(term.field): \(error)")
        }
    }

    /// Under the base's name of the rows and under the vendor's.
    private static func answer(
        _ name: String, _ rows: [[UInt8]], total: Int, next: String?
    ) -> OperationResponse {
        var writer = JSONWriter(capacity: 2 * rows.reduce(rows.count) { $0 + $1.count } + 512)
        writer.beginObject()
        for key in [name, "results"] {
            writer.key(key)
            writer.beginArray()
            for row in rows { writer.raw(row) }
            writer.endArray()
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
    fileprivate var isOfOrder: Bool { [.atMost, .atLeast, .less, .greater].contains(self) }

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
