import ControlStore
import Foundation
import Identity
import Logging

extension DataFolder {
    /// The key that the folder's secrets were sealed with; a new one where nothing was sealed yet.
    /// - Parameter acceptsLoss: whether to go on with another key, or a new one, when that key is gone.
    func masterKey(for control: ControlStore, acceptsLoss: Bool, logger: Logger) async throws -> MasterKey {
        let known = try await control.mark(.masterKey)
        let sealed = try await MasterKey.sample(of: control)
        let isMissing = !FileManager.default.fileExists(atPath: masterKeyPath)
        if isMissing, known != nil || sealed != nil {
            try accept(.missing(path: masterKeyPath), acceptsLoss, logger)
        }
        let key = try MasterKey.load(orCreateAt: masterKeyPath)
        let isForeign = known.map { $0 != key.mark } ?? sealed.map { !key.opens($0) } ?? false
        if isForeign, !isMissing { try accept(.foreign(path: masterKeyPath), acceptsLoss, logger) }
        try await control.set(.masterKey, to: key.mark)
        return key
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

    var description: String {
        switch self {
        case .missing(let path): "\(path) is missing, and control.sqlite holds secrets that it sealed. \(Self.wayOut)"
        case .foreign(let path):
            "\(path) is not the key that sealed the secrets in control.sqlite. \(Self.wayOut)"
        }
    }

    private static let wayOut = """
        Put the key back from a backup, with mode 0600. Or start with: sextant serve --accept-loss=secrets, which goes on \
        with another key. Then requests that are signed with the secrets of existing Convert applications are refused until \
        the applications are made anew, report tokens end, and links to export files that were given out no longer work; \
        everything else stays.
        """
}
