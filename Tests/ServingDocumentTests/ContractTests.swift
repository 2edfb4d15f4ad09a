import Contract
import JSON
import ProjectDocuments
import ServingDocument
import Testing

/// Documents are what the contract says, and so is what they are made of.
@Suite struct ContractTests {
    private static let serving = Result { () throws(ContractError) in try ContractDocument.load("convert-serving") }
    private static let management = Result { () throws(ContractError) in try ContractDocument.load("convert") }

    static let projects: [ServedProject] = [Shop.everyWebType, Shop.everyFullstackType]

    private func findings(_ value: JSONValue, _ name: String, _ document: ContractDocument) throws -> [String] {
        let schema = try #require(document.schema(name))
        let node = try JSONDocument(parsing: value.encoded()).root
        return schema.validate(node, as: .response).map { "\($0.field): \($0.message)" }
    }

    @Test(arguments: projects.indices) func whatDocumentsAreMadeOfIsWhatTheManagementContractShows(index: Int) throws {
        let (project, contract) = (Self.projects[index], try Self.management.get())
        #expect(try findings(project.project.json, "Project", contract) == [])
        let lists: [(String, [JSONValue])] = [
            ("Goal", project.goals.map(\.json)), ("Location", project.locations.map(\.json)),
            ("Audience", project.audiences.map(\.json)), ("Feature", project.features.map(\.json)),
            ("Experience", project.experiences.map(\.json)),
        ]
        for (schema, resources) in lists {
            for resource in resources { #expect(try findings(resource, schema, contract) == [], "\(resource)") }
        }
    }

    @Test(arguments: projects.indices) func documentsFitTheContract(index: Int) throws {
        let project = Self.projects[index]
        let contract = try Self.serving.get()
        for isDebug in [false, true] {
            let document = project.document(isDebug: isDebug)
            let goals = try #require(document["goals"]?.array)
            #expect(!goals.isEmpty)
            #expect(try findings(document, "ConfigResponseData", contract) == [])
        }
        let anonymous = project.changing { $0["settings"]?["data_anonymization"] = true }.document()
        #expect(try findings(anonymous, "ConfigResponseData", contract) == [])
    }

    @Test(arguments: projects.indices) func documentsSayNothingThatTheContractDoesNotKnow(index: Int) throws {
        let contract = try Self.serving.get()
        let document = Self.projects[index].document()
        let known = ["ConfigResponseData", "ConfigProject", "ConfigExperience", "ExperienceVariationConfig"].map {
            (name: $0, members: Set(contract.tree["components"]?["schemas"]?[$0]?["properties"]?.object?.keys ?? []))
        }
        let experiences = document["experiences"]?.array ?? []
        let shown = [
            [document], [document["project"] ?? .null], experiences,
            experiences.flatMap { $0["variations"]?.array ?? [] },
        ]
        for (schema, values) in zip(known, shown) {
            for value in values {
                #expect(Set(value.object?.keys ?? []).subtracting(schema.members) == [], "\(schema.name)")
            }
        }
    }

    @Test func smallDocumentsFitTheContract() throws {
        let contract = try Self.serving.get()
        let minimal = ServingDocument.minimalSettings(Shop.everyWebType)
        #expect(try findings(minimal, "ConfigMinimalResponseData", contract) == [])
        #expect(
            minimal == [
                "account_id": "3", "project_id": "7", "include_jquery": false, "include_jquery_v1": true,
                "disable_spa_functionality": false, "version": "2026-01-01T00:00:00Z-4",
                "tracking_script": ["current_version": "v2.11.3", "latest_version": "v3.0.0"],
            ])
        let optional = ServingDocument.optionalSettings(Shop.everyWebType)
        #expect(try findings(optional, "ConfigOptionalResponseData", contract) == [])
        #expect(
            optional == [
                "account_id": "3", "project_id": "7",
                "visitor_insights": ["enabled": true, "sampling_rate": 10, "tracking_id": "vi-1"],
            ])
        let bare = ServedProject(["id": 7])
        #expect(ServingDocument.optionalSettings(bare) == ["account_id": "3", "project_id": "7"])
    }
}

extension ServedProject {
    /// The same with another project.
    func changing(_ change: (inout JSONValue) -> Void) -> ServedProject {
        var changed = self
        var project = changed.project.json
        change(&project)
        changed.project = ProjectDocument(project)
        return changed
    }
}
