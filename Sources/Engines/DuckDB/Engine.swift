import CDuckDB
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The event engine's library, opened at run time, once for the process.
public enum Engine {
    /// The only version this module works with, as the engine spells it.
    public static let version = "v1.5.5"

    private static let loaded = Mutex<EngineLibrary?>(nil)

    /// Loads the engine, or answers what was loaded before. Any thread may call it at any time; opening a ``Database``
    /// does it by itself with the standard search, so that only a program with its own search or error page calls it.
    ///
    /// - Throws: ``EngineError``, which lists every place looked at and the way out. A later call searches anew.
    @discardableResult
    public static func load(_ search: EngineSearch = .standard()) throws(EngineError) -> EngineLibrary {
        try loaded.withLock { library throws(EngineError) in
            if let library { return library }
            let found = try open(search)
            library = found
            return found
        }
    }

    /// The file of an extension of the engine, such as "avro", for `LOAD 'path'`; nil when it is not there or the
    /// engine is not loaded. Looked for in `SEXTANT_DUCKDB_EXTENSIONS`, then in `extensions` beside the engine.
    public static func extensionPath(_ name: String) -> String? {
        let folders = loaded.withLock { $0?.extensionFolders } ?? []
        return folders.map { "\($0)/\(name).duckdb_extension" }.first(where: FileManager.default.fileExists(atPath:))
    }

    /// The file of the extension that reads and writes Avro; see ``extensionPath(_:)``.
    public static var avroExtensionPath: String? { extensionPath("avro") }

    /// Opens the first library of the search that serves.
    static func open(_ search: EngineSearch) throws(EngineError) -> EngineLibrary {
        let (candidates, empty) = search.candidates()
        var attempts: [EngineError.Attempt] = []
        var message = [CChar](repeating: 0, count: 1024)
        for candidate in candidates {
            let status = sextant_duckdb_load(candidate.library, candidate.stub, &message, message.count)
            if status == SEXTANT_DUCKDB_LOADED {
                return EngineLibrary(
                    path: candidate.library,
                    extensionFolders: search.extensionFolders(besideEngineIn: candidate.folder))
            }
            let reason = message.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
            attempts.append(.init(library: candidate.library, reason: reason))
        }
        throw EngineError(attempts: attempts + empty, isNamed: search.library != nil)
    }
}

/// The engine library in use.
public struct EngineLibrary: Sendable, Equatable {
    /// Its path, or the bare name by which the system's loader found it.
    public let path: String
    /// The folders looked at for extensions, in order.
    public let extensionFolders: [String]
}
