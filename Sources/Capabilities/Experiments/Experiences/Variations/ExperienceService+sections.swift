import ControlStore
import Identity
public import JSON
public import Resources
import Text

/// Sections of multivariate tests and their versions.
extension ExperienceService {
    /// What answers about sections hold.
    public struct SectionOptions: Sendable {
        let includesVersions: Bool
        let includesChanges: Bool
        let expandsVersions: Bool
        let expandsChanges: Bool

        public init(include: Set<String>, expand: Set<String>) {
            let changes: Set = ["changes", "versions.changes"]
            expandsChanges = !expand.isDisjoint(with: changes)
            includesChanges = expandsChanges || !include.isDisjoint(with: changes)
            expandsVersions = expand.contains("versions") || includesChanges
            includesVersions = expandsVersions || include.contains("versions")
        }
    }

    public func sections(of id: Int64, _ scope: ResourceScope, _ options: SectionOptions) async throws -> JSONValue {
        try await resources.store.read { database in
            let experience = try Experience(id, scope, resources, from: database)
            try experience.requireMultivariate()
            return try Self.show(experience, options, from: database)
        }
    }

    /// Adds a section, or replaces one with all its versions.
    /// - Parameter sectionID: the one to replace; nil adds.
    public func storeSection(
        _ sectionID: String?, of id: Int64, _ body: JSONObject, _ scope: ResourceScope, _ options: SectionOptions
    ) async throws -> JSONValue {
        try await change(id, scope) { experience, database in
            try experience.requireMultivariate()
            var sections = experience.sections
            let given = body["id"]?.string
            if let sectionID {
                guard let index = sections.list.firstIndex(where: { $0.id.hasSameBytes(as: sectionID) }) else {
                    throw Self.noSection(sectionID)
                }
                guard given == nil || given.hasSameBytes(as: sectionID) else {
                    throw ExperimentsError.invalid("id", "id must be that of the section in the address, \(sectionID).")
                }
                let keys = try SectionKeys(of: id, from: database)
                try ConcurrencyKey.check(
                    body["concurrency_key"], against: keys.of(sections.list[index]), "section \(sectionID)")
                sections.list[index] = try Self.section(.object(body), id: sectionID, of: sections, keys, "")
            } else {
                let newID = given ?? Self.freeID(sections.list.map(\.id))
                guard sections[newID] == nil else {
                    throw ExperimentsError.invalid("id", "id: the experience has a section \(newID) already.")
                }
                sections.list.append(
                    try Self.section(.object(body), id: newID, of: sections, SectionKeys(of: id, from: database), ""))
            }
            let changed = sectionID ?? sections.list.last?.id ?? ""
            let bodies = Self.bodies(.object(body), section: changed, "")
            try experience.store(sections, bodies, in: database)
            return try Self.show(experience, options, from: database)
        }
    }

    /// Replaces all sections.
    public func storeSections(
        of id: Int64, _ body: JSONObject, _ scope: ResourceScope, _ options: SectionOptions
    ) async throws -> JSONValue {
        try await change(id, scope) { experience, database in
            try experience.requireMultivariate()
            let keys = try SectionKeys(of: id, from: database)
            try ConcurrencyKey.check(
                body["concurrency_key"], against: keys.of(experience.sections), "list of sections")
            guard let elements = body["sections"]?.array else {
                throw ExperimentsError.invalid("sections", "sections is required: the whole list.")
            }
            var list: [Sections.Section] = []
            let ids = Self.ids(elements, besides: experience.sections.list.map(\.id))
            var bodies: [(section: String, version: String, body: JSONValue, place: String)] = []
            for (index, element) in elements.enumerated() {
                let place = "sections[\(index)]"
                let newID = ids[index]
                guard !list.contains(where: { $0.id.hasSameBytes(as: newID) }) else {
                    throw ExperimentsError.invalid("\(place).id", "\(place).id: \(newID) is in the list twice.")
                }
                list.append(try Self.section(element, id: newID, of: experience.sections, keys, place))
                bodies += Self.bodies(element, section: newID, place)
            }
            try experience.store(Sections(list), bodies, in: database)
            return try Self.show(experience, options, from: database)
        }
    }

    /// Adds a version to a section, or changes one.
    /// - Parameter versionID: the one to change; nil adds.
    public func storeVersion(
        _ versionID: String?, ofSection sectionID: String, of id: Int64, _ body: JSONObject, _ scope: ResourceScope,
        _ options: SectionOptions
    ) async throws -> JSONValue {
        try await change(id, scope) { experience, database in
            try experience.requireMultivariate()
            var sections = experience.sections
            guard let index = sections.list.firstIndex(where: { $0.id.hasSameBytes(as: sectionID) }) else {
                throw Self.noSection(sectionID)
            }
            var section = sections.list[index]
            let given = body["id"]?.string
            let changed: String
            if let versionID {
                guard let position = section.versions.firstIndex(where: { $0.id.hasSameBytes(as: versionID) }) else {
                    throw Self.noVersion(versionID)
                }
                guard given == nil || given.hasSameBytes(as: versionID) else {
                    throw ExperimentsError.invalid("id", "id must be that of the version in the address, \(versionID).")
                }
                let keys = try SectionKeys(of: id, from: database)
                try ConcurrencyKey.check(
                    body["concurrency_key"], against: keys.of(section.versions[position], in: section),
                    "version \(versionID)")
                if let name = try Self.givenName(body["name"], "") { section.versions[position].name = name }
                changed = versionID
            } else {
                changed = given ?? Self.freeID(section.versions.map(\.id))
                guard !section.versions.contains(where: { $0.id.hasSameBytes(as: changed) }) else {
                    throw ExperimentsError.invalid("id", "id: the section has a version \(changed) already.")
                }
                let name = try Self.givenName(body["name"], "") ?? "Version \(changed)"
                section.versions.append(.init(id: changed, name: name))
            }
            sections.list[index] = section
            try experience.store(sections, [(sectionID, changed, .object(body), "")], in: database)
            let whole = SectionOptions(include: ["versions.changes"], expand: options.expandsChanges ? ["changes"] : [])
            let shown = try Self.show(experience, whole, from: database)
            let version = shown["data"]?.array?.first { ($0["id"]?.string).hasSameBytes(as: sectionID) }?["versions"]?
                .array?
                .first { ($0["id"]?.string).hasSameBytes(as: changed) }
            return version ?? .null
        }
    }

    public func deleteVersion(
        _ versionID: String, ofSection sectionID: String, of id: Int64, _ scope: ResourceScope
    ) async throws {
        try await change(id, scope) { experience, database in
            try experience.requireMultivariate()
            var sections = experience.sections
            guard let index = sections.list.firstIndex(where: { $0.id.hasSameBytes(as: sectionID) }) else {
                throw Self.noSection(sectionID)
            }
            guard sections.list[index].versions.contains(where: { $0.id.hasSameBytes(as: versionID) }) else {
                throw Self.noVersion(versionID)
            }
            guard sections.list[index].versions.count > 1 else {
                throw ExperimentsError.conflict("The last version of a section stays; delete the section instead.")
            }
            sections.list[index].versions.removeAll { $0.id.hasSameBytes(as: versionID) }
            try experience.store(sections, [], in: database)
        }
    }

    private static func noSection(_ id: String) -> ExperimentsError {
        .notFound("There is no section \(id.prefix(16)) in this experience.")
    }

    private static func noVersion(_ id: String) -> ExperimentsError {
        .notFound("There is no version \(id.prefix(16)) in this section.")
    }

    /// The first of `a` to `z`, then `0` to `9`, then two characters, that is free.
    private static func freeID(_ taken: [String]) -> String {
        let characters = Array("abcdefghijklmnopqrstuvwxyz0123456789")
        let single = characters.map { String($0) }
        let double = characters.flatMap { first in characters.map { "\(first)\($0)" } }
        let taken = Set(taken.map { ClientText($0) })
        return (single + double).first { !taken.contains(ClientText($0)) } ?? "zz"
    }

    /// The ids of a list's elements: those that are given, and free ones for the others.
    private static func ids(_ elements: [JSONValue], besides taken: [String] = []) -> [String] {
        var taken = taken + elements.compactMap { $0["id"]?.string }
        return elements.map { element in
            if let given = element["id"]?.string { return given }
            taken.append(freeID(taken))
            return taken[taken.count - 1]
        }
    }

    /// A section as a body says it is; names that it does not say stay.
    private static func section(
        _ body: JSONValue, id: String, of sections: Sections, _ keys: SectionKeys, _ place: String
    ) throws -> Sections.Section {
        let before = sections[id]
        if let before {
            try ConcurrencyKey.check(body["concurrency_key"], against: keys.of(before), "section \(id)")
        }
        var versions: [Sections.Version] = []
        let elements = body["versions"]?.array ?? []
        let ids = ids(elements)
        for (index, element) in elements.enumerated() {
            let (versionID, place) = (ids[index], Experience.member("versions[\(index)]", of: place))
            guard !versions.contains(where: { $0.id.hasSameBytes(as: versionID) }) else {
                throw ExperimentsError.invalid("\(place).id", "\(place).id: \(versionID) is in the list twice.")
            }
            let old = before?.versions.first { $0.id.hasSameBytes(as: versionID) }
            if let before, let old {
                try ConcurrencyKey.check(
                    element["concurrency_key"], against: keys.of(old, in: before), "version \(versionID)")
            }
            let name = try givenName(element["name"], place) ?? old?.name ?? "Version \(versionID)"
            versions.append(.init(id: versionID, name: name))
        }
        let name = try givenName(body["name"], place) ?? before?.name ?? "Section \(id)"
        return Sections.Section(id: id, name: name, versions: versions)
    }

    /// Nil when none is given.
    private static func givenName(_ given: JSONValue?, _ place: String) throws -> String? {
        guard let name = given?.string else { return nil }
        guard name.contains(where: { !$0.isWhitespace }) else {
            let field = Experience.member("name", of: place)
            throw ExperimentsError.invalid(field, "\(field) must not be empty.")
        }
        return name
    }

    /// What a section's body says of its versions.
    private static func bodies(
        _ body: JSONValue, section: String, _ place: String
    ) -> [(section: String, version: String, body: JSONValue, place: String)] {
        let elements = body["versions"]?.array ?? []
        return zip(ids(elements), elements).enumerated().map { index, version in
            (section, version.0, version.1, Experience.member("versions[\(index)]", of: place))
        }
    }

    /// Contract schema `ExperienceSectionsListResponseData`: the sections, and the key of just these.
    private static func show(
        _ experience: Experience, _ options: SectionOptions, from database: Database
    ) throws -> JSONValue {
        var variations: [ClientText: [Int64]] = [:]
        for variation in try Variation.fetch(of: experience.id, from: database) {
            for version in variation.versions { variations[ClientText(version), default: []].append(variation.id) }
        }
        let keys = try SectionKeys(of: experience.id, from: database)
        let sections = JSONValue.array(
            experience.sections.list.map { section in
                var shown: JSONValue = [
                    "id": .string(section.id), "name": .string(section.name), "concurrency_key": keys.of(section),
                ]
                guard options.includesVersions else { return shown }
                let versions = section.versions.map { version -> JSONValue in
                    guard options.expandsVersions else { return .string(version.id) }
                    var shown: JSONValue = [
                        "id": .string(version.id), "name": .string(version.name),
                        "concurrency_key": keys.of(version, in: section),
                        "variations": JSONValue(variations[ClientText(Sections.combined(section, version))] ?? []),
                    ]
                    if options.includesChanges {
                        let own = keys.changes(of: version, in: section)
                        shown["changes"] = .array(own.map { options.expandsChanges ? $0.shown : .integer($0.id) })
                    }
                    return shown
                }
                shown["versions"] = .array(versions)
                return shown
            })
        return ["data": sections, "concurrency_key": keys.of(experience.sections)]
    }
}

/// What says that sections are still as a client saw them: names, versions, and what these do.
private struct SectionKeys {
    private let changes: [VariationChange.Owner: [VariationChange]]

    init(of experienceID: Int64, from database: Database) throws {
        changes = Dictionary(grouping: try VariationChange.fetch(of: [experienceID], from: database), by: \.owner)
    }

    func changes(of version: Sections.Version, in section: Sections.Section) -> [VariationChange] {
        changes[.version(section: ClientText(section.id), version: ClientText(version.id))] ?? []
    }

    func of(_ version: Sections.Version, in section: Sections.Section) -> JSONValue {
        ConcurrencyKey.of([
            "id": .string(version.id), "name": .string(version.name),
            "changes": .array(changes(of: version, in: section).map(\.shown)),
        ])
    }

    func of(_ section: Sections.Section) -> JSONValue {
        ConcurrencyKey.of([
            "id": .string(section.id), "name": .string(section.name),
            "versions": .array(section.versions.map { of($0, in: section) }),
        ])
    }

    func of(_ sections: Sections) -> JSONValue {
        ConcurrencyKey.of(.array(sections.list.map { of($0) }))
    }
}
