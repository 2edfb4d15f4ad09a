import Foundation
import Testing

/// Goes through the sources for dictionaries and sets whose keys are `String`, which takes canonically equal spellings
/// for one key, and traps where keys are said to be unique. What clients send is keyed by `ClientText`.
@Suite struct StringKeyTests {
    /// Where such keys may stand, and why: a room, or how names of files in it begin. One that needs it no longer must leave the list.
    private static let allowed = [
        "BlobStore/": "settings of the operator, and query items of links under a signature",
        "Contract/": "names that the contract's documents give",
        "DuckDB/": "settings of the engine, the environment of the process",
        "Mailer/": "settings of the operator",
        "Queries/Allowed": "words of the engine",
        "Reference/": "names that the contract's documents give",
        "Telemetry/": "names of metrics",
        "sextant/": "settings of the operator",
        "Bucketing/ArmOrder.swift": "ids of variations, which the server makes",
        "Catalogue/CatalogueCache.swift": "subjects and ids of environments",
        "ControlStore/Arguments.swift": "names of parameters of our own statements",
        "ControlStore/StatementLog.swift": "our own statements",
        "ControlStore/ControlStore+staging.swift": "names of tables",
        "ControlStore/StagedStore.swift": "names of tables",
        "ControlStore/StagedTable.swift": "names of tables",
        "ControlStore/TableWatch.swift": "names of tables",
        "ConvertAPI/AccountController.swift": "members to include, which are only asked for our own words",
        "ConvertAPI/OperationRequest+convert.swift": "members to include, which are only asked for our own words",
        "ConvertAPI/ProjectController.swift": "members to include, which are only asked for our own words",
        "ConvertAPI/ServingSurface.swift": "ids of operations",
        "ConvertAPI/TrackingBody.swift": "reasons of rejections",
        "ConvertAPI/TrackingReader.swift": "reasons of rejections",
        "Events/TableRow.swift": "names of columns of the contract",
        "Experiences/Descriptions+experiences.swift": "kinds of resources, each once",
        "Experiences/ExperienceService+copies.swift": "members to include, which are only asked for our own words",
        "Experiences/ExperienceService+sections.swift": "members to include, which are only asked for our own words",
        "EventMirror/EventMirror.swift": "folders, which are named after environments",
        "Exports/ExportAnnouncements.swift": "kinds of jobs",
        "Exports/ExportQuery.swift": "names of columns",
        "Exports/ExportWriter.swift": "days",
        "Gateway/MemoryBudget.swift": "addresses and names of keys, as the server writes them",
        "Gateway/GatewayResponder.swift": "ids of operations",
        "Gateway/ContractPages.swift": "names of contracts",
        "Gateway/Surface.swift": "ids of operations",
        "Gateway/SurfaceBuilder.swift": "ids of operations",
        "Images/SafeSVG.swift": "what Foundation's reader of XML hands over, and names of SVG",
        "Jobs/JobRetention.swift": "ids of jobs, which the server makes",
        "Jobs/JobStore.swift": "kinds of jobs",
        "Jobs/JobStore+lease.swift": "kinds of jobs",
        "Jobs/JobWorker.swift": "kinds of jobs",
        "People/SegmentRule+parse.swift": "names of members",
        "Projects/AccountService.swift": "members to include, which are only asked for our own words",
        "Projects/ProjectService.swift": "members to include, which are only asked for our own words",
        "Projects/ServedProjects.swift": "members to expand",
        "Queries/WorkerProgram.swift": "the environment of a process",
        "Resources/ListRequest.swift": "members to include, which are only asked for our own words",
        "Resources/Resource.swift": "fields of references",
        "Resources/ResourceDescription+sql.swift": "members to include, which are only asked for our own words",
        "Resources/ResourceDescription.swift": "names of members",
        "Resources/ResourceKey.swift": "words of addresses",
        "Resources/ResourceService+changes.swift": "members to expand, which are only asked for our own words",
        "Resources/ResourceService+parts.swift": "names of members",
        "Resources/ResourceService.swift": "members to include, which are only asked for our own words",
        "Resources/ResourceView.swift": "members to include, fields of references",
        "Resources/RuleReferences.swift": "types of rules",
        "Sandbox/ChildProcess.swift": "the environment of a process",
        "Serving/PlannedExperience.swift": "ids of resources, which the server makes",
        "Serving/ReachedGoalStore.swift": "ids of rows, each once",
        "Serving/Tracker.swift": "reasons of rejections",
        "Serving/TrackingAnswer.swift": "reasons of rejections",
        "ServingDocument/DomainConfig.swift": "labels of shared domains",
        "ServingDocument/RuleConfig.swift": "types of rules",
        "ServingDocument/ServedExperience.swift": "ids of features, which the server makes",
        "ProjectDocuments/DocumentView.swift": "names of members",
        "Text/UnknownName.swift": "names of our own, by the bytes of others",
        "UserpilotAPI/UserpilotSurface.swift": "paths of the contract",
    ]

    @Test func keysOverWhatClientsSendGoByBytes() throws {
        // Keys of that type, and what would make them so without saying it.
        let pattern =
            #/\[String: |\[\[String\]: |Set<String>|uniqueKeysWithValues|uniquingKeysWith|Set\(.*\\\.string\)/#
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources")
        let found = try #require(FileManager.default.enumerator(atPath: sources.path()))
        var used: Set<String> = []
        var count = 0
        for case let path as String in found where path.hasSuffix(".swift") {
            count += 1
            let text = try String(contentsOf: sources.appending(path: path), encoding: .utf8)
            guard text.contains(pattern) else { continue }
            let entry = Self.allowed.keys.first { Self.covers($0, path) }
            #expect(
                entry != nil,
                "\(path) keys by String: use ClientText, or say in this list why no client's text gets there")
            if let entry { used.insert(entry) }
        }
        #expect(count > 100, "these are not the sources")
        #expect(Set(Self.allowed.keys).subtracting(used).isEmpty, "no longer needed in the list")
    }

    private static func covers(_ entry: String, _ path: String) -> Bool {
        let parts = entry.split(separator: "/", omittingEmptySubsequences: false)
        let file = path.split(separator: "/").last ?? ""
        return path.contains("/\(parts[0])/") && file.hasPrefix(parts[1])
    }
}
