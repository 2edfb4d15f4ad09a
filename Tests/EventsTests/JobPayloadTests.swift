import JSON
import Jobs
import StoreTestSupport
import TestSupport
import Testing
import Time

@testable import Events

/// Jobs wait while the server is updated: what earlier versions wrote must be read.
@Suite struct JobPayloadTests {
    private func stored(_ kind: String, environmentID: Int64?, _ text: String) async throws -> Job {
        let temporary = try TemporaryStore()
        let jobs = JobStore(store: temporary.store, clock: HandClock().clock)
        let payload = Written(json: try JSONValue(parsing: text))
        return try await jobs.enqueue(NewJob(kind: kind, environmentID: environmentID, payload: payload))
    }

    private struct Written: JobPayload {
        let json: JSONValue

        init(json: JSONValue) { self.json = json }

        init?(_ job: Job) { json = job.payload }
    }

    @Test func whatIsWrittenIsReadAgain() async throws {
        let removal = #"{"environments":[1,2],"project":null,"jobs":["a"],"uploads":["/x"]}"#
        let environments = try #require(
            EnvironmentRemovalOrder(try await stored("r", environmentID: nil, removal)))
        #expect(environments.environments == [1, 2] && environments.project == nil)
        #expect(environments.jobs == ["a"] && environments.uploads == ["/x"])
        #expect(environments.json.encodedString == removal)
        let exposures = #"{"experience":5,"project":6}"#
        let experience = try #require(ExposureRemovalOrder(try await stored("e", environmentID: nil, exposures)))
        #expect(experience.json.encodedString == exposures)
        let upload =
            #"{"format":"json","path":"/p","filename":"f","bytes":3,"environment_id":1,"project_id":2,"app_token":"t","key_id":null}"#
        let order = try #require(UploadOrder(try await stored("import", environmentID: 1, upload)))
        #expect(order.kind == .importEvents && order.json.encodedString == upload)
    }

    @Test(arguments: ["{}", "null", #"{"subject":"users","ids":["u"]}"#, #"{"subject":"dogs","ids":["u"],"last":"1"}"#])
    func whatDescribesNoJobIsNone(_ text: String) async throws {
        let job = try await stored("import", environmentID: 1, text)
        #expect(Deletion(job) == nil && UploadOrder(job) == nil)
        #expect(EnvironmentRemovalOrder(job) == nil && ExposureRemovalOrder(job) == nil)
    }
}
