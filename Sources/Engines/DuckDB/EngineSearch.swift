#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// Where to look for the engine library and its extensions.
public struct EngineSearch: Sendable, Equatable {
    /// A library named by the operator. When set, nothing else is tried.
    public var library: String?
    /// Bare names for the system loader's search path.
    public var systemNames: [String]
    /// Folders laid out as `scripts/bootstrap` does: the library, its stub, `extensions/`.
    public var folders: [String]
    /// A folder of extensions named by the operator, looked at before those beside the engine.
    public var extensionsFolder: String?

    /// Describes a search by hand.
    public init(
        library: String? = nil, systemNames: [String] = [], folders: [String] = [], extensionsFolder: String? = nil
    ) {
        self.library = library
        self.systemNames = systemNames
        self.folders = folders
        self.extensionsFolder = extensionsFolder
    }

    /// The usual search: `SEXTANT_DUCKDB_LIBRARY`; `libduckdb.so` on the system; `folder` when given; `engine` beside the
    /// executable; `.deps/engine` in the folders above it and above the working directory. Extensions: `SEXTANT_DUCKDB_EXTENSIONS` first.
    public static func standard(
        folder: String? = nil, environment: [String: String]? = nil
    ) -> EngineSearch {
        let environment = environment ?? ProcessInfo.processInfo.environment
        let files = FileManager.default
        let executable = try? files.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        var folders = folder.map { [$0] } ?? []
        // As an archive of `make dist` has it.
        if let executable, let slash = executable.lastIndex(of: "/") {
            let beside = "\(executable[..<slash])/engine"
            if files.fileExists(atPath: beside) { folders.append(beside) }
        }
        for start in [executable, files.currentDirectoryPath].compactMap(\.self) {
            for candidate in ancestors(of: start).map({ $0 + "/.deps/engine" })
            where !folders.contains(candidate) && files.fileExists(atPath: candidate) {
                folders.append(candidate)
            }
        }
        if folders.isEmpty { folders = [files.currentDirectoryPath + "/.deps/engine"] }
        return EngineSearch(
            library: environment["SEXTANT_DUCKDB_LIBRARY"].flatMap { $0.isEmpty ? nil : $0 },
            systemNames: ["libduckdb.so"], folders: folders,
            extensionsFolder: environment["SEXTANT_DUCKDB_EXTENSIONS"].flatMap { $0.isEmpty ? nil : $0 })
    }

    /// A path and everything above it, the root as "".
    private static func ancestors(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        return (0...parts.count).reversed().map { count in parts.prefix(count).map { "/" + $0 }.joined() }
    }
}

extension EngineSearch {
    /// One library to try.
    struct Candidate {
        /// A path, or a bare name.
        let library: String
        /// A library to open first, defining symbols the engine refers to.
        let stub: String?
        /// The folder that holds the library; nil for a bare name.
        let folder: String?
    }

    /// The libraries to try, in order, and the folders that hold none.
    func candidates() -> (found: [Candidate], empty: [EngineError.Attempt]) {
        if let library { return ([candidate(library)], []) }
        var found = systemNames.map { Candidate(library: $0, stub: nil, folder: nil) }
        var empty: [EngineError.Attempt] = []
        for folder in folders {
            let names = ["libduckdb.so", "libduckdb_engine.so"]
            let present = names.map { folder + "/" + $0 }.filter(FileManager.default.fileExists(atPath:))
            found += present.map(candidate)
            if present.isEmpty {
                empty.append(.init(library: folder, reason: "no \(names.joined(separator: ", no ")) there"))
            }
        }
        return (found, empty)
    }

    private func candidate(_ library: String) -> Candidate {
        guard let slash = library.lastIndex(of: "/") else { return Candidate(library: library, stub: nil, folder: nil) }
        let folder = String(library[..<slash])
        let stub = folder + "/libpython_stub.so"
        return Candidate(
            library: library, stub: FileManager.default.fileExists(atPath: stub) ? stub : nil, folder: folder)
    }

    /// The folders that may hold extensions, for an engine found in `engineFolder`.
    func extensionFolders(besideEngineIn engineFolder: String?) -> [String] {
        let beside = ([engineFolder].compactMap(\.self) + folders).map { $0 + "/extensions" }
        return extensionsFolder.map { [$0] + beside } ?? beside
    }
}
