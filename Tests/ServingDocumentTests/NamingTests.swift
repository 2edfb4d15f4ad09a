import JSON
import ServingDocument
import Testing

@Suite struct NamingTests {
    private func anonymous(_ project: ServedProject) -> JSONValue {
        project.changing { $0["settings"]?["data_anonymization"] = true }.document()
    }

    /// The values of a member anywhere in a value.
    private func values(_ member: String, in value: JSONValue) -> [String] {
        var found = value.array?.flatMap { values(member, in: $0) } ?? []
        for (key, inner) in value.object ?? JSONObject() {
            if key == member, let text = inner.string { found.append(text) }
            found += values(member, in: inner)
        }
        return found
    }

    @Test func anonymousProjectsTellNoName() {
        for project in ContractTests.projects {
            let document = anonymous(project)
            let names = values("name", in: document)
            #expect(names.count > 10)
            #expect(names.allSatisfy { $0.allSatisfy(\.isNumber) }, "\(names)")
            #expect(document["project"]?["name"] == "7")
            #expect(document["experiences"]?[0]?["variations"]?[1]?["name"] == "11")
        }
    }

    @Test func codeStillFindsThingsByKey() {
        let document = anonymous(Shop.everyFullstackType)
        #expect(document["experiences"]?[0]?["key"] == "experience-1")
        #expect(document["experiences"]?[0]?["variations"]?[1]?["key"] == "variation-11")
        #expect(document["goals"]?[0]?["key"] == "goal-1")
        #expect(document["features"]?[0]?["key"] == "banner")
        #expect(document["segments"]?[0]?["key"] == "audience-2")
        #expect(document["features"]?[0]?["variables"]?[0]?["key"] == "enabled")
    }

    @Test func onTheWebKeysAreHiddenToo() {
        let document = anonymous(Shop.everyWebType)
        #expect(document["experiences"]?[0]?["key"] == "1")
        #expect(document["experiences"]?[0]?["variations"]?[1]?["key"] == "11")
        #expect(document["goals"]?[8]?["key"] == "9")
        #expect(document["audiences"]?[1]?["key"] == "2")
        #expect(document["locations"]?[3]?["key"] == "4")
    }

    @Test func withoutAnonymityNamesAreServed() {
        let document = Shop.everyWebType.document()
        #expect(document["project"]?["name"] == "Shop")
        #expect(
            document["segments"]?[0] == [
                "id": "3", "key": "audience-3", "name": "Audience 3",
                "rules": Shop.audience(3)["rules"] ?? .null,
            ])
        #expect(document["audiences"]?[0]?["type"] == "permanent")
        #expect(document["locations"]?[0]?["key"] == "location-1")
    }

    @Test func keysOfAudiencesComeFromNames() {
        let names: [JSONValue] = [
            "New  customers!", "new customers", "  ", "Äpfel & Birnen",
            "a very long name that goes on and on and on", "Given", "given key",
        ]
        var audiences = names.enumerated().map { index, name in
            Shop.audience(Int64(index + 1), "segmentation", ["name": name])
        }
        audiences[5]["key"] = "given-key"
        let project = ServedProject(Shop.fullstack, audiences: audiences.reversed())
        #expect(
            project.document()["segments"]?.array?.compactMap { $0["key"]?.string } == [
                "new-customers", "new-customers-2", "audience-3", "äpfel-birnen", "a-very-long-name-that-goes-on-an",
                "given-key", "given-key-7",
            ])
        let first = project.document(experiences: [])
        #expect(first["segments"] == [])
    }

    @Test func keysDoNotDependOnWhatIsServed() {
        var audiences = [
            Shop.audience(1, "segmentation", ["name": "Twins", "status": "archived"]),
            Shop.audience(2, "segmentation", ["name": "Twins"]),
        ]
        let project = ServedProject(Shop.fullstack, audiences: audiences)
        #expect(project.document()["segments"]?.array?.map { $0["key"] } == ["twins-2"])
        audiences[0]["status"] = "active"
        let both = ServedProject(Shop.fullstack, audiences: audiences)
        #expect(both.document()["segments"]?.array?.map { $0["key"] } == ["twins", "twins-2"])
    }
}
