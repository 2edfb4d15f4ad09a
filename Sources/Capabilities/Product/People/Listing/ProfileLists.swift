public import ControlStore
public import Cryptography
import Dispatch
import EventStore
public import Logging
public import Time

/// Lists of persons and companies, filtered and sorted, page by page.
///
/// A scroll shows everybody whom its filter found at its start, and who is still there, exactly once, whatever is written
/// meanwhile; who came later is not in it. Profiles are shown as they are when their page is read.
///
/// ```swift
/// let query = try ProfileQuery(.person, sort: [.init(lastSeen, isDescending: true)], pageSize: 500)
/// var page = try await lists.first(query, environmentID: 1, keyID: 7)
/// while let token = page.next { page = try await lists.next(token, .person, environmentID: 1, keyID: 7) }
/// ```
///
/// A list of everybody in no order of their own goes by the ids of rows, and needs nothing but its tokens. Any other is
/// put in order once, in memory (``ProfileTables``); that order is kept on disk (``ScrollSnapshots``).
public struct ProfileLists: Sendable {
    private let tables: ProfileTables
    private let snapshots: ScrollSnapshots
    private let pages: ProfilePages
    private let signingKey: SecretKey

    /// Lists that are filtered and sorted at a time.
    private let turns = Turns(atOnce: 2)
    /// Filters, and finds first pages.
    private let finding = DispatchQueue(label: "profile lists", attributes: .concurrent)
    /// Pages whose order is found with the first, so that the next ones need not wait for the rest.
    private static let pagesAtOnce = 5

    /// Memory that the attributes of all lists take, in bytes, unless another number is given.
    public static let standardMemory = 512 * 1_024 * 1_024

    /// - Parameters:
    ///   - folder: where orders are kept; made when it is missing.
    ///   - signingKey: of tokens; with another key they are nobody's.
    ///   - memory: that the attributes of all lists may take, in bytes.
    /// - Throws: ``StoreError``, or why there is no such folder.
    public init(
        store: ControlStore, folder: String, signingKey: SecretKey, memory: Int = standardMemory, clock: WallClock,
        logger: Logger
    ) throws {
        tables = try ProfileTables(store: store, mostBytes: memory, logger: logger)
        snapshots = try ScrollSnapshots(folder: folder, clock: clock)
        pages = ProfilePages(store: store)
        self.signingKey = signingKey
    }

    /// The first page of a list.
    /// - Throws: ``ProfileListError/tooLarge``, ``ProfileListError/busy``, ``StoreError``.
    public func first(
        _ query: ProfileQuery, environmentID: Int64, keyID: Int64
    ) async throws -> ProfilePage<ListedProfile> {
        try await first(query, environmentID: environmentID, keyID: keyID, ProfileUse { $0 })
    }

    /// The first page of a list, of what is made of its profiles.
    /// - Throws: ``ProfileListError/pageTooLarge``, ``ProfileListError/tooLarge``, ``ProfileListError/busy``, ``StoreError``,
    ///   and what the use throws.
    public func first<Entry>(
        _ query: ProfileQuery, environmentID: Int64, keyID: Int64, _ use: ProfileUse<Entry>
    ) async throws -> ProfilePage<Entry> {
        if query.isPlain {
            let (page, span) = try await pages.first(
                query.kind, environmentID: environmentID, limit: query.pageSize, use)
            let token = ScrollToken(
                kind: query.kind, environmentID: environmentID, keyID: keyID, pageSize: query.pageSize,
                totalCount: page.totalCount, place: .ids(after: span.after, upTo: span.last))
            return signed(page, token)
        }
        let table = try await tables.table(query.kind, environmentID: environmentID, query.attributes)
        let (order, ids) = await turns.run {
            await run(on: finding) {
                let order = ProfileOrder(table, matches: table.matches(query.alternatives), sort: query.sort)
                return (order, order.first(query.pageSize * Self.pagesAtOnce))
            }
        }
        let shown = Array(ids.prefix(query.pageSize))
        let page = try await pages.add(
            shown, query.kind, environmentID: environmentID, to: ProfilePage(totalCount: order.count), use)
        if order.count < query.pageSize { return page }
        let snapshot = try await snapshots.begin(environmentID: environmentID, count: order.count, first: ids, order)
        let token = ScrollToken(
            kind: query.kind, environmentID: environmentID, keyID: keyID, pageSize: query.pageSize,
            totalCount: order.count, place: .snapshot(snapshot, offset: shown.count))
        return try await completed(page, token, snapshot, from: shown.count, use)
    }

    /// A further page.
    /// - Throws: ``ProfileListError/foreignToken``, ``ProfileListError/expired``, ``StoreError``.
    public func next(
        _ token: String, _ kind: ProfileKind, environmentID: Int64, keyID: Int64
    ) async throws -> ProfilePage<ListedProfile> {
        try await next(token, kind, environmentID: environmentID, keyID: keyID, ProfileUse { $0 })
    }

    /// A further page, of what is made of its profiles.
    /// - Throws: ``ProfileListError/pageTooLarge``, ``ProfileListError/foreignToken``, ``ProfileListError/expired``,
    ///   ``StoreError``, and what the use throws.
    public func next<Entry>(
        _ token: String, _ kind: ProfileKind, environmentID: Int64, keyID: Int64, _ use: ProfileUse<Entry>
    ) async throws -> ProfilePage<Entry> {
        guard let token = ScrollToken(token, key: signingKey), token.kind == kind,
            token.environmentID == environmentID, token.keyID == keyID
        else { throw ProfileListError.foreignToken }
        switch token.place {
        case .ids(let after, let last):
            let (page, span) = try await pages.next(
                kind, environmentID: environmentID, ProfilePages.Span(after: after, last: last),
                limit: token.pageSize, totalCount: token.totalCount, use)
            return signed(page, token.moved(to: .ids(after: span.after, upTo: last)))
        case .snapshot(let snapshot, let offset):
            return try await completed(ProfilePage(totalCount: token.totalCount), token, snapshot, from: offset, use)
        }
    }

    /// Fills a page from the order that is kept: who was removed leaves no gap.
    private func completed<Entry>(
        _ page: ProfilePage<Entry>, _ token: ScrollToken, _ snapshot: ScrollSnapshot.ID, from offset: Int,
        _ use: ProfileUse<Entry>
    ) async throws -> ProfilePage<Entry> {
        var (page, offset) = (page, offset)
        while page.count < token.pageSize {
            let ids = try await snapshots.ids(snapshot, from: offset, count: token.pageSize - page.count)
            if ids.isEmpty { break }
            offset += ids.count
            page = try await pages.add(ids, token.kind, environmentID: token.environmentID, to: page, use)
        }
        return signed(page, token.moved(to: .snapshot(snapshot, offset: offset)))
    }

    private func signed<Entry>(_ page: ProfilePage<Entry>, _ token: ScrollToken) -> ProfilePage<Entry> {
        var page = page
        if page.count == token.pageSize { page.next = token.encoded(key: signingKey) }
        return page
    }

    /// Runs work that keeps a processor busy on a thread that answers nobody.
    private func run<Value: Sendable>(
        on queue: DispatchQueue, _ work: @escaping @Sendable () -> Value
    ) async -> Value {
        await withCheckedContinuation { continuation in
            queue.async { continuation.resume(returning: work()) }
        }
    }
}
