import DuckDB
import Testing

@testable import EventStore

/// What is the store's own fault is waited out, and costs nobody a row or a job.
@Suite struct EventStoreTroubleTests {
    @Test(
        arguments: [
            EventStoreError.unavailable(reason: "it is being opened anew"), PoolError.shutDown,
            EventWriteError.stopped, CancellationError(), DuckDBError(.io, "disk full"),
            DuckDBError(.fatal, "invalidated"),
            DuckDBError(.interrupted, "interrupted"),
        ] as [any Error])
    func troubleOfTheStoreIsNotAboutRows(_ error: any Error) {
        #expect(EventStoreTrouble.isCause(of: error) && !EventStoreTrouble.isAboutRows(error))
    }

    @Test(
        arguments: [
            DuckDBError(.conversion, "no number"), DuckDBError(.constraint, "twice"), Unreadable(),
        ] as [any Error])
    func whatIsWrongWithRowsIsAboutThem(_ error: any Error) {
        #expect(EventStoreTrouble.isAboutRows(error) && !EventStoreTrouble.isCause(of: error))
    }

    private struct Unreadable: Error {}
}
