import JSON
import ServingDocument
import Testing
import Time

@testable import Serving

@Suite struct RecentDocumentsTests {
    private func key(_ number: Int64, revision: Int64 = 1) -> RecentDocuments.Key {
        RecentDocuments.Key(
            projectID: 7, revision: revision, loadedAt: Timestamp(seconds: 0),
            selection: ServingSelection(experienceIDs: [number]))
    }

    private func made(bytes: Int) throws -> LoadedProject.Made {
        .success(try ConfigDocument(.string(String(repeating: "x", count: bytes))))
    }

    @Test func theOldestGoWhenThereAreTooMany() throws {
        let documents = RecentDocuments(maximumCount: 3)
        for number in 1...5 { documents.keep(try made(bytes: 10), key(Int64(number))) }
        #expect((1...5).map { documents[key(Int64($0))] != nil } == [false, false, true, true, true])
        // One that is kept already is not kept twice.
        documents.keep(try made(bytes: 10), key(5))
        #expect((3...5).allSatisfy { documents[key(Int64($0))] != nil })
        #expect(documents[key(5, revision: 2)] == nil)
    }

    @Test func theOldestGoWhenTheyAreTooLarge() throws {
        let documents = RecentDocuments(maximumBytes: 25_000)
        for number in 1...3 { documents.keep(try made(bytes: 10_000), key(Int64(number))) }
        #expect((1...3).map { documents[key(Int64($0))] != nil } == [false, true, true])
        documents.keep(try made(bytes: 100_000), key(4))
        #expect((1...4).map { documents[key(Int64($0))] != nil } == [false, false, false, true])
    }
}
