import ControlStore
import Foundation
import Identity
import JSON
import ProjectDocuments
import Resources
import Time

/// Variations and changes of experiences, and what experiences refer to.
struct ExperienceParts: ResourceParts {
    /// The field of references to the features that variations set.
    static let featuresField = "features"

    func store(_ change: PartsChange, in database: Database) throws {
        var experience = try Experience(change.id, change.scope, change.service, from: database)
        experience.isNew = change.old == nil
        if let old = change.old {
            try ConcurrencyKey.check(
                change.body["concurrency_key"], against: Self.concurrencyKey(of: old), "experience \(old.id)")
        }
        if experience.isNew { try experience.takeDefaults(change.body, in: database) }
        if !change.deferring.contains(.archived) {
            try experience.checkNothingArchived(change.body, besides: change.oldReferences, in: database)
        }
        try experience.checkMayRunOn(after: change.old, in: database)
        try experience.checkGoals(change.body, in: database)
        // One that has gone since holds nothing up: it may still be stopped.
        if experience.isNew || change.body["environment"] != nil { try experience.checkEnvironment(in: database) }
        if experience.type == .multivariate {
            if experience.isNew { try experience.regenerateVariations(in: database) }
            try experience.updateCombinations(change.body["variations"]?.array, in: database)
        } else {
            try experience.storeVariations(change.body["variations"]?.array, in: database)
        }
        try experience.finishVariations(in: database)
        try experience.saveDocument(in: database)
        try ExperienceActs(resources: change.service, scope: change.scope)
            .announceMove(of: change.id, from: change.old, in: database)
    }

    func remove(
        _ resource: Resource, _ scope: ResourceScope, _ service: ResourceService, in database: Database
    ) throws {
        try ExperienceActs(resources: service, scope: scope).announceRemoval(of: resource, in: database)
    }

    func show(
        _ resources: [Resource], _ view: ResourceView, from database: Database
    ) throws -> [Int64: JSONObject] {
        let wanted = view.include.union(view.expand)
        let ids = resources.map(\.id)
        var variations: [Int64: [JSONValue]] = [:]
        if wanted.contains("variations") || wanted.contains("variations.changes") {
            variations = try VariationsView(view).show(ids, from: database)
        }
        let screenshots =
            try view.screenshots.map {
                try $0.shown(of: Variation.ids(of: ids, from: database), in: database)
            } ?? [:]
        let results =
            view.include.contains("stats")
            ? try view.results?.shown(of: ids, goal: view.goalID, in: database) ?? [:] : [:]
        let project =
            view.include.isDisjoint(with: ["min_running_timestamp", "max_running_timestamp"])
            ? ProjectReportingSettings(nil) : try .fetch(of: view.project.id, from: database)
        var shown: [Int64: JSONObject] = [:]
        for resource in resources {
            var members = JSONObject()
            if let list = variations[resource.id] {
                members["variations"] = .array(list)
            } else if wanted.contains("variations") {
                members["variations"] = []
            }
            // People come with accounts of their own; a key is nobody's collaborator.
            if view.include.contains("collaborators") { members["collaborators"] = [] }
            if view.include.contains("alerts") {
                members["alerts"] = .array(try Self.alerts(of: resource, view, from: database))
            }
            let limits = RunningLimits(resource.experience.settings, project)
            for (member, days) in [
                ("min_running_timestamp", limits.leastDays.value), ("max_running_timestamp", limits.endDays),
            ] where view.include.contains(member) {
                members[member] = Self.timestamp(of: resource.experience, afterDays: days)
            }
            if let result = results[resource.id] { members["stats"] = result }
            members["screenshots_info"] = .array(screenshots[resource.id] ?? [])
            members["concurrency_key"] = Self.concurrencyKey(of: resource)
            shown[resource.id] = members
        }
        return shown
    }

    func portable(_ shown: JSONValue, from database: Database) throws -> JSONValue {
        try ExperienceCopy.portable(shown, from: database)
    }

    func add(_ portable: JSONObject, _ transfer: ResourceTransfer, in database: Database) throws -> Int64 {
        let copy = ExperienceCopy(
            newIDs: transfer.newIDs, resources: transfer.service, scope: transfer.scope, patterns: transfer.patterns)
        return try copy.add(portable, asDraft: false, in: database)
    }

    /// Keys of variations are unique in the project; what its variations do is their own matter.
    func stagedTables(projectID: Int64?) -> [StagedTable] {
        [
            StagedTable("variations", .numbered, where: projectID.map { "project_id = \($0)" }),
            StagedTable("variation_changes", .numbered),
        ]
    }

    static func concurrencyKey(of resource: Resource) -> JSONValue {
        ConcurrencyKey.of([
            "name": .string(resource.name), "key": .string(resource.key ?? ""),
            "status": .string(resource.status ?? ""), "document": .object(resource.document),
            "updated_at": .integer(resource.updatedAt.microseconds),
        ])
    }

    /// Unix seconds, so many days after the start; null before the start and without a limit.
    private static func timestamp(of experience: ExperienceDocument, afterDays days: Int64?) -> JSONValue {
        guard experience.isStarted, (experience.startTime ?? 0) > 0, let time = experience.time(afterDays: days) else {
            return .null
        }
        return .integer(time)
    }

    /// What an experience's owner should look at (contract schema `ExperienceAlert`).
    private static func alerts(
        of resource: Resource, _ view: ResourceView, from database: Database
    ) throws -> [JSONValue] {
        var alerts: [JSONValue] = []
        func add(_ code: String, _ title: String, _ description: String) {
            alerts.append(["code": .string(code), "title": .string(title), "description": .string(description)])
        }
        let experience = resource.experience
        let hasGoals = experience.type?.hasGoals == true
        if hasGoals, experience.primaryGoal == nil {
            add("no_goals_set_up", "No goals", "Nothing is measured. Add a goal.")
        }
        if resource.status == ExperienceStatus.completed.rawValue {
            add("experiments_completed", "Completed", "The experience is completed; its results stand.")
        }
        let traffic = view.traffic[resource.id] ?? ExperienceTraffic()
        let limit = experience.settings.maxExperienceVisitors ?? 0
        if limit > 0, traffic.visitors >= limit {
            add("max_visitors_reached", "Visitor limit reached", "The experience has had its \(limit) visitors.")
        }
        if resource.status == ExperienceStatus.active.rawValue, traffic.visitors == 0 {
            add(
                "no_visitors_tracked", "No visitors",
                "It runs, and nobody has seen it. Check that the code is installed.")
        } else if traffic.visitors > 0, traffic.conversions == 0, hasGoals {
            add("no_conversions_tracked", "No conversions", "Visitors came, and no goal was reached so far.")
        }
        return alerts
    }
}
