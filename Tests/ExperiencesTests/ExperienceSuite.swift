import ExperimentsTestSupport
import Identity
import JSON
import Resources
import Testing

@testable import Experiences

/// What tests of experiences do again and again.
protocol ExperienceSuite {
    var rig: ExperimentsRig { get }
}

extension ExperienceSuite {
    var service: ExperienceService {
        ExperienceService(resources: rig.service())
    }

    func add(_ type: String = "a/b", _ more: JSONValue = [:], _ project: ProjectType = .web) async throws
        -> Int64
    {
        let body: JSONValue = ["name": "E", "type": .string(type), "url": "https://x.example/"]
        return try await rig.add(.experiences, body.merged(with: more), project)
    }

    func get(_ id: Int64, _ project: ProjectType = .web) async throws -> JSONValue {
        try await rig.service().get(
            .experiences, .id(id), include: ResourceDescription.experiences.includable,
            expand: ["variations", "variations.changes"], rig.scope(project))
    }

    @discardableResult
    func update(_ id: Int64, _ body: JSONValue) async throws -> JSONValue {
        try await rig.service().update(.experiences, id, body.object ?? JSONObject(), rig.scope())
    }

    func field(_ body: () async throws -> Void) async -> String? {
        let error = await #expect(throws: ExperimentsError.self) { try await body() }
        guard case .invalid(let findings) = error else { return error.map { "\($0)" } }
        return findings.first?.field
    }
}

extension Array {
    func asyncMap<Result>(_ body: (Element) async throws -> Result) async rethrows -> [Result] {
        var results: [Result] = []
        for element in self { results.append(try await body(element)) }
        return results
    }
}
