import ControlStore
import Foundation
import Identity
import Logging

extension DataFolder {
    /// The key that the folder's secrets were sealed with; a new one where nothing was sealed yet.
    /// - Parameter acceptsLoss: whether to go on with another key, or a new one, when that key is gone.
    func masterKey(for control: ControlStore, acceptsLoss: Bool, logger: Logger) async throws -> MasterKey {
        let known = try await control.mark(.masterKey)
        let sealed = try await MasterKey.samples(of: control)
        let isMissing = !FileManager.default.fileExists(atPath: masterKeyPath)
        if isMissing, known != nil || !sealed.isEmpty {
            try accept(.missing(path: masterKeyPath), acceptsLoss, logger)
        }
        let key = try loadMasterKey(acceptsLoss, logger)
        // An earlier version made a new key where one was missing: then some secrets are of the old one, some of this.
        let isForeign = known.map { $0 != key.mark } ?? (!sealed.isEmpty && !sealed.contains(where: key.opens))
        if isForeign, !isMissing { try accept(.foreign(path: masterKeyPath), acceptsLoss, logger) }
        try await control.set(.masterKey, to: key.mark)
        return key
    }

    private func loadMasterKey(_ acceptsLoss: Bool, _ logger: Logger) throws -> MasterKey {
        do throws(MasterKeyError) {
            return try MasterKey.load(orCreateAt: masterKeyPath)
        } catch {
            guard case .wrongLength(let path, let bytes) = error else { throw error }
            try accept(.damaged(path: path, bytes: bytes), acceptsLoss, logger)
            let kept = "\(path).lost-\(Int(Date().timeIntervalSince1970))"
            try FileManager.default.moveItem(atPath: path, toPath: kept)
            logger.warning("the master key is put aside", metadata: ["file": "\(path)", "kept_as": "\(kept)"])
            return try MasterKey.load(orCreateAt: path)
        }
    }

    private func accept(_ loss: MasterKeyLoss, _ acceptsLoss: Bool, _ logger: Logger) throws {
        guard acceptsLoss else { throw loss }
        logger.warning("a loss is accepted", metadata: ["loss": "\(loss)"])
    }
}

/// The key that sealed what the folder holds is gone.
enum MasterKeyLoss: Error, CustomStringConvertible {
    case missing(path: String)
    case foreign(path: String)
    case damaged(path: String, bytes: Int)

    var description: String {
        switch self {
        case .missing(let path): "\(path) is missing, and control.sqlite holds secrets that it sealed. \(Self.wayOut)"
        case .foreign(let path):
            "\(path) is not the key that sealed the secrets in control.sqlite. \(Self.wayOut)"
        case .damaged(let path, let bytes): "\(path) is no key: it has \(bytes) bytes instead of 32. \(Self.wayOut)"
        }
    }

    private static let wayOut = """
        Put the key back from a backup, with mode 0600. Or start with: sextant serve --accept-loss=secrets, which goes on \
        with another key. Then requests that are signed with the secrets of existing Convert applications are refused until \
        the applications are made anew, report tokens end, and links to export files that were given out no longer work; \
        everything else stays.
        """
}
