#if DEBUG
    import Foundation
    import GRDB
    import Synchronization

    /// Every statement that the process runs on control stores, each once, as a line of JSON at the end of a file. The
    /// test of query plans reads it; a release has none of it.
    final class StatementLog: Sendable {
        /// The log that `SEXTANT_STATEMENT_LOG` names, which tests set; nil without it.
        static let ofTests = ProcessInfo.processInfo.environment["SEXTANT_STATEMENT_LOG"].flatMap(StatementLog.init)

        private let file: FileHandle
        private let seen = Mutex<Set<String>>([])

        private init?(path: String) {
            // Several processes write to it.
            let descriptor = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
            guard descriptor >= 0 else { return nil }
            file = FileHandle(fileDescriptor: descriptor)
        }

        func watch(_ database: GRDB.Database) {
            database.trace { [self] event in
                guard case .statement(let statement) = event else { return }
                record(statement.sql)
            }
        }

        private func record(_ sql: String) {
            seen.withLock { seen in
                guard seen.insert(sql).inserted, let line = try? JSONEncoder().encode(sql) else { return }
                try? file.write(contentsOf: line + Data("\n".utf8))
            }
        }
    }
#endif
