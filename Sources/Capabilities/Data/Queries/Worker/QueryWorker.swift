import DuckDB
import Foundation
import JSON
import Sandbox

/// The process that runs one query, or reads one Parquet file, and ends: what `sextant query-worker` does.
///
/// It gives up its rights before it reads anything of the query, the engine's parser included. The server writes two
/// frames to its standard input, settings and a query, and reads its standard output; when the server goes, or gives up
/// waiting, it ends.
public enum QueryWorker {
    /// Waits for a query, answers it, and ends the process.
    public static func run() throws -> Never {
        try Confinement.begin()
        let pipe = try WorkerPipe()
        guard let frame = pipe.read(), frame.kind == .settings, let settings = WorkerSettings(frame.content) else {
            _exit(0)
        }
        try Engine.load()
        let readable = [settings.mirrorFolder] + engineFiles.filter(FileManager.default.fileExists(atPath:))
        try Confinement.confineFiles(readable: readable, writable: [settings.workFolder])
        let connection = try openEngine(settings)
        guard let frame = pipe.read(), let task = WorkerTask(frame) else { _exit(0) }
        endWithServer(pipe)
        try Confinement.confineResources(
            memoryBytes: settings.memoryBytes,
            processorSeconds: (task.seconds + startSeconds) * settings.threads,
            fileBytes: task.fileBytes)
        try Confinement.confineCalls()
        pipe.write(.begun, [])
        do {
            switch task {
            case .query(let order):
                pipe.write(try QueryRun(connection: connection, order: order).result { pipe.write($0) })
            case .table(let order):
                let count = try TableRun(connection: connection, order: order).write { pipe.write($0) }
                pipe.write(QueryResult(bytes: [], rowCount: count, isTruncated: false))
            }
        } catch {
            pipe.write(.failed, QueryFailure(error).encoded)
        }
        _exit(0)
    }

    /// Where the engine looks up how much memory the machine has; it fails when it finds them and may not read them.
    private static let engineFiles = ["/proc/self/cgroup", "/sys/fs/cgroup"]

    /// Seconds of computing that starting may take.
    private static let startSeconds = 10

    private static func openEngine(_ settings: WorkerSettings) throws -> Connection {
        let database = try Database(
            path: nil,
            settings: [
                "memory_limit": "\(settings.engineBytes)B", "threads": "\(settings.threads)", "temp_directory": "",
                "autoinstall_known_extensions": "false", "autoload_known_extensions": "false",
            ])
        let connection = try database.connect()
        // The first statement takes longer than others; it is over before there is a query.
        try connection.execute("SELECT json_serialize_sql('SELECT 1')")
        return connection
    }

    /// Ends the process when the server closes its end, whatever the query is doing.
    private static func endWithServer(_ pipe: WorkerPipe) {
        let thread = Thread {
            while pipe.read() != nil {}
            _exit(0)
        }
        thread.name = "server watch"
        thread.start()
    }
}

/// The process's two ends of the pipes to the server.
private final class WorkerPipe: Sendable {
    private let output: Int32

    /// What else writes to standard output writes to nothing from here on.
    init() throws {
        output = dup(STDOUT_FILENO)
        let nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC)
        guard output >= 0, nowhere >= 0, dup2(nowhere, STDOUT_FILENO) >= 0 else { throw POSIXError(.EBADF) }
        close(nowhere)
    }

    /// The next frame; nil at the end.
    func read() -> WorkerFrame? {
        guard let head = read(WorkerFrame.headBytes), let (kind, length) = WorkerFrame.head(head[...]),
            let content = read(length)
        else { return nil }
        return WorkerFrame(kind: kind, content: content)
    }

    func write(_ result: QueryResult) {
        write(result.bytes)
        let done: JSONValue = ["rows": .integer(Int64(result.rowCount)), "truncated": .bool(result.isTruncated)]
        write(.done, done.encoded())
    }

    /// Writes the next bytes of a result: a row of it may be longer than a frame.
    func write(_ bytes: [UInt8]) {
        var start = 0
        while start < bytes.count {
            let end = min(start + Self.pieceBytes, bytes.count)
            write(.bytes, Array(bytes[start..<end]))
            start = end
        }
    }

    func write(_ kind: WorkerFrame.Kind, _ content: [UInt8]) {
        let bytes = WorkerFrame(kind: kind, content: content).encoded()
        var start = 0
        while start < bytes.count {
            let count = bytes.withUnsafeBytes { Foundation.write(output, $0.baseAddress! + start, $0.count - start) }
            if count < 0 && errno != EINTR { _exit(1) }
            start += max(count, 0)
        }
    }

    private static let pieceBytes = 256 * 1_024

    private func read(_ count: Int) -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                Foundation.read(STDIN_FILENO, $0.baseAddress! + filled, count - filled)
            }
            if got == 0 || (got < 0 && errno != EINTR) { return nil }
            filled += max(got, 0)
        }
        return bytes
    }
}
