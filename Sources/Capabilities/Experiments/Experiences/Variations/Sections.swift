import JSON
import ProjectDocuments
import Resources
import Text

/// The sections of a multivariate test, each with the versions that combine into variations.
struct Sections {
    struct Version: Equatable {
        let id: String
        var name: String

        static func == (first: Version, second: Version) -> Bool {
            first.id.hasSameBytes(as: second.id) && first.name.hasSameBytes(as: second.name)
        }
    }

    struct Section: Equatable {
        let id: String
        var name: String
        var versions: [Version]

        static func == (first: Section, second: Section) -> Bool {
            first.id.hasSameBytes(as: second.id) && first.name.hasSameBytes(as: second.name)
                && first.versions == second.versions
        }
    }

    var list: [Section]

    /// More combinations than any test has visitors for.
    static let maximumCombinations = 1_000

    /// Of a variation, in characters.
    private static let maximumNameLength = 200

    init(_ list: [Section]) {
        self.list = list
    }

    /// As the experience's document keeps them.
    init(_ experience: ExperienceDocument) {
        list = experience.sections.compactMap { section in
            guard let id = section.id else { return nil }
            let versions = section.versions.compactMap { version in
                version.id.map { Version(id: $0, name: version.name ?? "") }
            }
            return Section(id: id, name: section.name ?? "", versions: versions)
        }
    }

    var documents: [SectionDocument] {
        list.map { section in
            let versions = section.versions.map { VersionDocument(id: $0.id, name: $0.name) }
            return SectionDocument(id: section.id, name: section.name, versions: versions)
        }
    }

    var document: JSONValue { .array(documents.map(\.json)) }

    subscript(id: String) -> Section? { list.first { $0.id.hasSameBytes(as: id) } }

    /// How a combination names one of its versions.
    static func combined(_ section: Section, _ version: Version) -> String {
        "\(section.id):\(version.id)"
    }

    /// How many combinations there are; nil for more than can be counted.
    var combinationCount: Int? {
        list.reduce(1) { count, section in
            count.flatMap { count in
                let (product, isTooLarge) = count.multipliedReportingOverflow(by: section.versions.count)
                return isTooLarge ? nil : product
            }
        }
    }

    /// All combinations, a version of each section; the first consists of first versions.
    var combinations: [[String]] {
        list.reduce([[]]) { combinations, section in
            combinations.flatMap { combination in
                section.versions.map { combination + [Self.combined(section, $0)] }
            }
        }
    }

    /// The combination that an earlier one becomes: without sections that are gone, with the first version of sections
    /// that have come; nil when one of its versions is gone.
    func successor(of combination: [String]) -> [String]? {
        var successor: [String] = []
        for section in list {
            let own = combination.first { $0.hasBytePrefix("\(section.id):") }
            guard let own else {
                guard let first = section.versions.first else { return nil }
                successor.append(Self.combined(section, first))
                continue
            }
            guard section.versions.contains(where: { Self.combined(section, $0).hasSameBytes(as: own) }) else {
                return nil
            }
            successor.append(own)
        }
        return successor
    }

    /// What people read: the names of the versions.
    func name(of combination: [String]) -> String {
        let names = zip(list, combination).compactMap { section, combined in
            section.versions.first { Self.combined(section, $0).hasSameBytes(as: combined) }?.name
        }
        return names.isEmpty ? "Original" : names.joined(separator: " + ").codePoints(upTo: Self.maximumNameLength)
    }
}
