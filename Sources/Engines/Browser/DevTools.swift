import JSON
import Subprocess

/// Chromium's DevTools protocol over its pipe: JSON messages that each end with a NUL byte.
actor DevTools {
    private static let longestMessage = 64 * 1_024 * 1_024

    private let send: @Sendable ([UInt8]) async throws -> Void
    private var lastID: Int64 = 0
    private var waiting: [Int64: CheckedContinuation<JSONValue, any Error>] = [:]
    private var isClosed = false

    init(send: @escaping @Sendable ([UInt8]) async throws -> Void) {
        self.send = send
    }

    /// Gives a command and waits for its result.
    /// - Throws: ``BrowserError/refused(_:)``, ``BrowserError/ended``, `CancellationError`.
    func call(_ method: String, _ parameters: JSONValue = [:], session: String? = nil) async throws -> JSONValue {
        lastID += 1
        let id = lastID
        var message: JSONValue = ["id": .integer(id), "method": .string(method), "params": parameters]
        if let session { message["sessionId"] = .string(session) }
        let bytes = Array(message.encodedString.utf8) + [0]
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                guard !isClosed, !Task.isCancelled else {
                    continuation.resume(throwing: isClosed ? BrowserError.ended : CancellationError())
                    return
                }
                waiting[id] = continuation
                Task {
                    do {
                        try await send(bytes)
                    } catch {
                        settle(id, .failure(BrowserError.ended))
                    }
                }
            }
        } onCancel: {
            Task { await settle(id, .failure(CancellationError())) }
        }
    }

    /// Hands out results until Chromium says no more.
    nonisolated func read(_ output: SubprocessOutputSequence) async {
        var message: [UInt8] = []
        do {
            for try await buffer in output {
                for piece in buffer.withUnsafeBytes({ Array($0) }).split(
                    separator: 0, omittingEmptySubsequences: false
                ).enumerated() {
                    if piece.offset > 0 {
                        await received(message)
                        message.removeAll(keepingCapacity: true)
                    }
                    message += piece.element
                    guard message.count <= Self.longestMessage else { throw BrowserError.ended }
                }
            }
        } catch {
            // The end, either way.
        }
        await close()
    }

    private func received(_ bytes: [UInt8]) {
        guard let message = try? JSONValue(parsing: bytes), let id = message["id"]?.int64 else { return }
        if let error = message["error"] {
            settle(id, .failure(BrowserError.refused(error["message"]?.string ?? "")))
        } else {
            settle(id, .success(message["result"] ?? [:]))
        }
    }

    private func settle(_ id: Int64, _ result: Result<JSONValue, any Error>) {
        waiting.removeValue(forKey: id)?.resume(with: result)
    }

    private func close() {
        isClosed = true
        for continuation in waiting.values { continuation.resume(throwing: BrowserError.ended) }
        waiting = [:]
    }
}
