import Foundation
import Logging

/// Where summaries lie: a folder each, with a manifest that is written last. What is no summary is removed.
struct SummaryFolder: Sendable {
    let path: String
    /// ``EventStore/identity``.
    let log: UInt128

    struct Unreadable: Error, CustomStringConvertible {
        let path: String
        var description: String { "\(path) cannot be read back" }
    }

    private static let manifestName = "manifest.json"
    private static let partSuffix = ".part"

    /// All that there are. Of several of one experience the one that was made last stays.
    func load() -> [ExperimentSummary] {
        var found: [ExperimentSummary.Key: (generation: Int, summary: ExperimentSummary)] = [:]
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            let folder = "\(path)/\(name)"
            guard let generation = name.split(separator: "-").last.flatMap({ Int($0) }),
                let content = content(of: folder)
            else {
                try? FileManager.default.removeItem(atPath: folder)
                continue
            }
            let summary = ExperimentSummary(content, folder: folder)
            if let other = found[content.key], other.generation > generation {
                summary.retire()
            } else {
                found[content.key]?.summary.retire()
                found[content.key] = (generation, summary)
            }
        }
        return found.values.map(\.summary)
    }

    /// Writes the files of a summary where nobody looks for it, and then gives them their name.
    /// - Parameter body: writes the files into a folder; nil when there is nothing to keep.
    func make(
        _ key: ExperimentSummary.Key, _ generation: Int, _ body: (_ folder: String) throws -> ExperimentSummary.Content?
    ) throws -> (content: ExperimentSummary.Content, folder: String)? {
        let folder = "\(path)/\(key.projectID)-\(key.experienceID)-\(generation)"
        let part = folder + Self.partSuffix
        try? FileManager.default.removeItem(atPath: part)
        try FileManager.default.createDirectory(
            atPath: part, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        do {
            guard let content = try body(part) else {
                try FileManager.default.removeItem(atPath: part)
                return nil
            }
            try Data(content.manifest(of: log)).write(to: URL(filePath: "\(part)/\(Self.manifestName)"))
            try FileManager.default.moveItem(atPath: part, toPath: folder)
            return (content, folder)
        } catch {
            try? FileManager.default.removeItem(atPath: part)
            throw error
        }
    }

    /// The greatest generation that any name has.
    var lastGeneration: Int {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.compactMap { $0.split(separator: "-").last.flatMap { Int($0) } }.max() ?? 0
    }

    /// What a folder holds, going by the sizes of its files; nil for anything that is no summary of this log.
    private func content(of folder: String) -> ExperimentSummary.Content? {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(Self.manifestName)"),
            let content = ExperimentSummary.Content(manifest: Array(bytes), of: log),
            content.files.allSatisfy({ Self.size(of: "\(folder)/\($0.name)") == $0.byteCount })
        else { return nil }
        return content
    }

    /// In bytes; nil for a file that is not there.
    static func size(of path: String) -> Int? {
        (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
    }
}
