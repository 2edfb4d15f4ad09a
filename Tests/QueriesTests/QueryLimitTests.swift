import DuckDB
import EventStore
import Foundation
import JSON
import Queries
import Testing

/// Queries that want more than they may have, and what becomes of the others.
@Suite(.serialized) struct QueryLimitTests {
    private static let endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select max(i) from n"

    @Test(arguments: [
        endless,
        "select count(*) from events a, events b, events c, events d, events e where a.user_id > b.user_id || c.user_id",
        "select count(*) from range(1000000) a, range(1000000) b, range(1000000) c",
        "select max(hash(a.range + b.range)) from range(1000000) a, range(1000000) b",
    ])
    func endlessQueriesAreStopped(_ sql: String) async throws {
        let bench = try await QueryBench()
        let clock = ContinuousClock()
        let start = clock.now
        #expect(try await bench.failure(sql, seconds: 1) == .timedOut(seconds: 1))
        let elapsed = start.duration(to: clock.now)
        #expect(elapsed < .seconds(6))
        #expect(try await bench.rows("select count(*) from events") == "[[700]]")
    }

    @Test(arguments: [
        "select repeat('x', 2000000000)", "select lpad('x', 2000000000, 'y')", "select rpad('x', 2000000000, 'y')",
        "select list(range) from range(1000000000)", "select range(1000000000)",
        "select generate_series(1, 1000000000)",
        "select * from range(100000000) t(a) order by hash(a)", "select * from range((select count(*) from events))",
        "select printf('%1000000000d', 1)", "select format('{:1000000000}', 1)", "select bar(1, 0, 1, 1000000000)",
        "select list_resize([1], 1000000000)", "select bitstring('0', 1000000000)",
        "select list_transform([1], x -> [x, x])",
        "with recursive t(s) as (select 'xxxxxxxx' union all select s || s from t) select max(length(s)) from t",
        "with recursive t(s) as (select 'xxxxxxxx' union all select concat(s, s) from t) select max(length(s)) from t",
        "with recursive t(s) as (select 'x' union all select replace(s, 'x', 'xxxxxxxxxxxxx') from t) select max(length(s)) from t",
        "with recursive t(s) as (select 'x' union all select [s, s]::varchar from t) select max(length(s)) from t",
        "with recursive t(s) as (select 'x' union all select to_json({'a': s, 'b': s})::varchar from t) select max(length(s)) from t",
        "select replace(metadata::varchar, 'a', metadata::varchar) from events",
        "select " + [String](repeating: "user_id", count: 100).joined(separator: "||") + " from events",
    ])
    func bombsAreNotBuilt(_ sql: String) async throws {
        let failure = try await QueryBench().failure(sql)
        guard case .refused = failure else {
            Issue.record("\(sql.prefix(80)) gave \(String(describing: failure))")
            return
        }
    }

    @Test func memoryIsBoundedAndStoringGoesOn() async throws {
        var limits = QueryLimits()
        limits.engineBytes = 100_000_000
        limits.spillBytes = 500_000_000
        let bench = try await QueryBench(limits: limits)
        let hungry =
            "select sum(len(l)) from (select a.event_id, b.event_id, list(c.event_id) l from events a, events b, events c group by all)"
        let failure = try await bench.failure(hungry, seconds: 20)
        #expect(failure == .outOfMemory || failure == .timedOut(seconds: 20))
        try await bench.addEvent()
        #expect(try await bench.rows("select count(*) from events") == "[[701]]")
    }

    @Test func textsThatTheEngineDoesNotCountAreBounded() async throws {
        var limits = QueryLimits()
        limits.engineBytes = 100_000_000
        limits.memoryBytes = 100_000_000
        let bench = try await QueryBench(limits: limits)
        // Each step triples a text of 29 MB.
        let steps = (1...4).map { "a\($0) as (select x || x || x as x from a\($0 - 1))" }
        let sql =
            "with a0 as (select string_agg(a.metadata::varchar, '') as x from events a, events b), "
            + steps.joined(separator: ", ") + " select length(x) from a4"
        let failure = try await bench.failure(sql, seconds: 20)
        switch failure {
        case .outOfMemory, .engineFailed: break
        default: Issue.record("it gave \(String(describing: failure))")
        }
        #expect(try await bench.rows("select count(*) from events") == "[[700]]")
    }

    @Test(arguments: QueryFormat.allCases)
    func largeResultsAreRefused(_ format: QueryFormat) async throws {
        var limits = QueryLimits()
        limits.resultBytes = 20_000
        let bench = try await QueryBench(limits: limits)
        await #expect(throws: QueryError.tooLarge(limitBytes: 20_000)) {
            try await bench.service.run(
                sql: "select md5(a.user_id || b.event_id) from events a, events b", environmentID: 1, maxRows: 100_000,
                timeoutSeconds: 30, format: format)
        }
    }

    @Test func othersWaitAndAreTurnedAway() async throws {
        var limits = QueryLimits()
        limits.concurrentQueries = 1
        limits.waitingSeconds = 0.3
        let bench = try await QueryBench(limits: limits)
        let first = Task { try await bench.failure(Self.endless, seconds: 2) }
        try await Task.sleep(for: .milliseconds(300))
        #expect(try await bench.failure("select 1") == .tooBusy(retryAfterSeconds: 2))
        #expect(try await first.value == .timedOut(seconds: 2))
        #expect(try await bench.failure("select 1") == nil)
    }

    @Test func cancellingTheTaskStopsTheQuery() async throws {
        let bench = try await QueryBench()
        let task = Task { try await bench.answer(Self.endless, seconds: 30) }
        try await Task.sleep(for: .milliseconds(300))
        let clock = ContinuousClock()
        let start = clock.now
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        let elapsed = start.duration(to: clock.now)
        #expect(elapsed < .seconds(5))
    }

    @Test func environmentsNeverMix() async throws {
        var limits = QueryLimits()
        limits.concurrentQueries = 4
        limits.waitingSeconds = 60
        let bench = try await QueryBench(limits: limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<40 {
                let isOurs = number % 2 == 0
                group.addTask {
                    let sql =
                        "select count(*), count(*) filter (user_id = 'spy'), max(event_name = 'secret') from events"
                    let rows = try await bench.rows(sql, environment: isOurs ? QueryBench.ours : QueryBench.theirs)
                    #expect(rows == (isOurs ? "[[700,0,false]]" : "[[10,10,true]]"))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await bench.rows("select count(*) from events", environment: 3) == "[[0]]")
    }
}
