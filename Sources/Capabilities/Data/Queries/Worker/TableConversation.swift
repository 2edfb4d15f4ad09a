import Foundation
import JSON
import Sandbox

/// What the server says and hears while a process reads a Parquet file.
struct TableConversation {
    let order: TableOrder
    let stop: QueryStop

    /// Has a process read the file. Afterwards it is dead, whatever it was doing.
    ///
    /// - Throws: ``TableReader/Failure``, ``WorkerNotBegun``.
    func run(on process: ChildProcess, into output: String) throws {
        guard stop.begin(process) else { throw CancellationError() }
        defer {
            process.kill()
            stop.end()
        }
        _ = FileManager.default.createFile(atPath: output, contents: nil)
        let file = try FileHandle(forWritingTo: URL(filePath: output))
        defer { try? file.close() }
        do {
            try process.write(
                WorkerFrame(kind: .table, content: order.encoded).encoded(),
                until: .now + .seconds(WorkerPool.startSeconds))
        } catch {
            throw WorkerNotBegun(process)
        }
        do {
            try listen(to: process, file)
        } catch is WorkerFrameReader.Damaged {
            throw unreadable("The reader ended over it.")
        }
        try file.synchronize()
    }

    private func listen(to process: ChildProcess, _ file: FileHandle) throws {
        let deadline = ContinuousClock.now + .seconds(WorkerPool.startSeconds + order.seconds)
        var reader = WorkerFrameReader()
        var byteCount = 0
        var hasBegun = false
        while true {
            guard let frame = try reader.next() else {
                guard ContinuousClock.now < deadline else {
                    throw unreadable("Reading it takes longer than \(order.seconds) seconds.")
                }
                guard let bytes = process.read(until: deadline) else {
                    guard hasBegun else { throw WorkerNotBegun(process) }
                    throw unreadable("The reader ended over it.")
                }
                reader.add(bytes)
                continue
            }
            switch frame.kind {
            case .begun: hasBegun = true
            case .bytes:
                byteCount += frame.content.count
                // The process keeps to the limit, unless it is not itself any more.
                guard byteCount <= order.resultBytes + WorkerFrameReader.maximumContentBytes else {
                    throw unreadable("Its rows are more than \(order.resultBytes) bytes.")
                }
                try file.write(contentsOf: frame.content)
            case .done: return
            case .failed: throw failure(frame.content)
            case .settings, .order, .table: throw WorkerFrameReader.Damaged()
            }
        }
    }

    private func failure(_ content: [UInt8]) -> TableReader.Failure {
        switch QueryFailure(content) {
        case .query(.invalid(let text)), .query(.refused(let text)), .doubtful(.invalid(let text)):
            unreadable(text)
        case .query(.outOfMemory): unreadable("Reading it takes too much memory; write smaller row groups.")
        case .query(.tooLarge(let bytes)): unreadable("Its rows are more than \(bytes) bytes of JSON. Split it.")
        case .query(let error), .doubtful(let error): unreadable("\(error)")
        // The file is the only one that the process reads.
        case .files(let reason): unreadable(reason)
        case nil: unreadable("The reader ended over it.")
        }
    }

    /// Messages of the engine repeat where the file lies, which is nobody's business.
    private func unreadable(_ reason: String) -> TableReader.Failure {
        let text = reason.replacing(order.path, with: "the file").prefix { $0 != "\n" }.prefix(300)
        return .unreadable(reason: "The Parquet file cannot be read. \(text)")
    }
}
