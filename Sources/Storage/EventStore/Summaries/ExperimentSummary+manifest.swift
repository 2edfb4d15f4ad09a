import JSON
import Time

extension ExperimentSummary.Content {
    /// What the files are made of; others are thrown away.
    private static let form: Int64 = 1

    /// What stands beside the files.
    /// - Parameter log: ``EventStore/identity``.
    func manifest(of log: UInt128) -> [UInt8] {
        let value: JSONValue = [
            "form": .integer(Self.form), "log": .string(String(log, radix: 16)),
            "project": .integer(key.projectID), "experience": .integer(key.experienceID),
            "last_event_id": .string(last.description), "rows": .integer(Int64(check.rows)), "sum": .string(check.sum),
            "latest": .integer(latest.microseconds), "environments": .array(environments.map { .integer($0) }),
            "has_ties": .bool(hasTies),
            "files": .array(
                files.map { file in
                    [
                        "part": .string(file.part.rawValue), "name": .string(file.name),
                        "bytes": .integer(Int64(file.byteCount)), "xxh64": .string(file.digest.text),
                    ]
                }),
        ]
        return value.encoded()
    }

    /// Reads a manifest.
    /// - Parameter log: whose it is to be.
    /// - Returns: nil when it is of another form or log, or damaged.
    init?(manifest bytes: [UInt8], of log: UInt128) {
        guard let value = try? JSONValue(parsing: bytes), value["form"]?.int64 == Self.form,
            value["log"]?.string.flatMap({ UInt128($0, radix: 16) }) == log,
            let project = value["project"]?.int64, let experience = value["experience"]?.int64,
            let last = value["last_event_id"]?.string.flatMap({ EventIdentifier($0) }),
            let rows = value["rows"]?.int64, let sum = value["sum"]?.string, let latest = value["latest"]?.int64,
            let environments = value["environments"]?.array, let hasTies = value["has_ties"]?.bool,
            let files = value["files"]?.array
        else { return nil }
        let known = files.compactMap(ExperimentSummary.File.init)
        guard known.count == files.count, ExperimentSummary.Part.required.isSubset(of: Set(known.map(\.part))) else {
            return nil
        }
        self.init(
            key: ExperimentSummary.Key(projectID: project, experienceID: experience), last: last,
            check: ExperimentSummary.Check(rows: Int(rows), sum: sum), latest: Timestamp(microseconds: latest),
            environments: environments.compactMap(\.int64), hasTies: hasTies, files: known)
    }
}

extension ExperimentSummary.Part {
    /// Those that every summary has.
    static let required: Set<Self> = [.visitors, .conversions, .converters, .profiles]
}

extension ExperimentSummary.File {
    fileprivate init?(_ value: JSONValue) {
        guard let part = value["part"]?.string.flatMap(ExperimentSummary.Part.init(rawValue:)),
            let name = value["name"]?.string, Self.isName(name), let bytes = value["bytes"]?.int64, bytes > 0,
            let digest = value["xxh64"]?.string.flatMap(FileDigest.init(text:))
        else { return nil }
        self.init(part: part, name: name, byteCount: Int(bytes), digest: digest)
    }

    /// Nothing outside of the folder has such a name.
    private static func isName(_ name: String) -> Bool {
        name.utf8.allSatisfy { (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E }
    }
}
