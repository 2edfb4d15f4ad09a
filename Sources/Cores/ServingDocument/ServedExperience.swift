import JSON

/// Experiences as they are served (contract schema `ConfigExperience`).
struct ServedExperience {
    private let naming: Naming
    private let goalIDs: Set<Int64>
    private let audienceIDs: Set<Int64>
    private let locationIDs: Set<Int64>
    private let changes: ChangeConfig

    /// The way in which an experience is bucketed that does not say otherwise: variations side by side, from 0 on.
    private static let standardVersion: JSONValue = 11

    init(parts: ServedParts, naming: Naming) {
        self.naming = naming
        goalIDs = Set(parts.goals.compactMap(\.resourceID))
        audienceIDs = Set((parts.audiences + parts.segments).compactMap(\.resourceID))
        locationIDs = Set(parts.locations.compactMap(\.resourceID))
        changes = ChangeConfig(features: parts.features)
    }

    func make(_ experience: JSONValue) -> JSONValue {
        var served = JSONObject([
            ("id", experience.idText), ("name", naming.name(of: experience)), ("key", naming.key(of: experience)),
        ])
        let locations = ids("locations", of: experience, in: locationIDs)
        // Either of the two, never both; no locations means no restriction.
        if locations.isEmpty, let area = RuleConfig.siteArea(experience["site_area"]) {
            served["site_area"] = area
        } else {
            served["locations"] = .array(locations)
        }
        // Segments stand among the audiences: SDKs look each id up in both lists.
        served["audiences"] = .array(ids("audiences", of: experience, in: audienceIDs))
        served["goals"] = .array(ids("goals", of: experience, in: goalIDs))
        if let pages = experience["multipage_pages"]?.array, !pages.isEmpty {
            served["multipage_pages"] = .array(pages.map(page))
        }
        served = served.joined(with: experience.picking(["status"]))
        for code in ["global_js", "global_css"] {
            if let text = experience[code]?.string, !text.isEmpty { served[code] = .string(text) }
        }
        served = served.joined(with: experience.picking(["type"]))
        let version = experience["version"] ?? .null
        served["version"] = version.double == nil ? Self.standardVersion : version
        served["variations"] = .array(variations(of: experience))
        if let integrations = experience["integrations"]?.array, !integrations.isEmpty {
            served["integrations"] = .array(integrations.map { .object(IntegrationConfig.ofExperience($0)) })
        }
        served = served.joined(with: experience.picking(["environment"]))
        served["settings"] = settings(of: experience)
        return .object(served)
    }

    private func ids(_ member: String, of experience: JSONValue, in served: Set<Int64>) -> [JSONValue] {
        experience.resourceIDs(member).filter { served.contains($0) }.map { .string(String($0)) }
    }

    private func page(_ page: JSONValue) -> JSONValue {
        var served = page.picking(["id", "name", "url"])
        served["name"] = naming.name(ofPage: page)
        return .object(served)
    }

    /// Contract schema `ExperienceVariationConfig`.
    private func variations(of experience: JSONValue) -> [JSONValue] {
        let allocations = TrafficAllocation.all(of: experience)
        return (experience["variations"]?.array ?? []).byID.map { variation in
            [
                "id": variation.idText, "name": naming.name(of: variation), "key": naming.key(of: variation),
                "traffic_allocation": variation.resourceID.flatMap { allocations[$0] } ?? 0,
                "status": variation.isRunning ? "running" : "stopped",
                "changes": .array((variation["changes"]?.array ?? []).compactMap(changes.make)),
            ]
        }
    }

    /// `matching_options` is always there: SDKs read it without asking.
    private func settings(of experience: JSONValue) -> JSONValue {
        let settings = experience["settings"] ?? .null
        var served = settings.picking(["min_order_value", "max_order_value", "outliers"])
        if let regex = settings["split_url_settings"]?["split_regex_support"], regex.bool != nil {
            served["split_url_settings"] = ["split_regex_support": regex]
        }
        let options = settings["matching_options"]
        served["matching_options"] = .object(
            JSONObject(
                ["audiences", "locations"].map { list in
                    (list, options?[list]?.string == "all" ? "all" : "any")
                }))
        return .object(served)
    }
}
