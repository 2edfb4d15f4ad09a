import Foundation

/// A batch on its way to the disk, with what to call when it is there.
struct PendingBatch: Sendable {
    let batch: EventBatch
    let queuedAt = ContinuousClock.now
    let completion: @Sendable (Result<[EventOutcome], EventWriteError>) -> Void
}

/// Requests put batches in, the writer's thread takes them out in bulk. While one commit runs the next one's batches
/// gather; under load the writer also waits a moment for stragglers, since a commit costs much the same for ten events
/// as for hundreds.
final class EventQueue: @unchecked Sendable {
    private let condition = NSCondition()
    private var live: [PendingBatch] = []
    private var background: [PendingBatch] = []
    private var waitingBytes = 0
    private var isStopped = false
    private var isWriterIdle = false
    /// How many batches went into the last commit: more than one means that many clients send at the same time.
    private var lastCount = 0
    private let maximumBytes: Int

    init(maximumBytes: Int) {
        self.maximumBytes = maximumBytes
    }

    /// What waits to be written, or is gathered for the next commit.
    var backlog: EventBacklog {
        condition.lock()
        defer { condition.unlock() }
        let oldest = [live.first, background.first].compactMap { $0?.queuedAt }.min()
        return EventBacklog(count: live.count + background.count, byteCount: waitingBytes, oldest: oldest)
    }

    enum Admission {
        case queued
        case full
        case stopped
    }

    func put(_ pending: PendingBatch, priority: EventPriority) -> Admission {
        condition.lock()
        defer { condition.unlock() }
        if isStopped { return .stopped }
        let bytes = pending.batch.byteCount
        // A single batch larger than the whole queue still gets its turn when nothing else waits.
        if waitingBytes > 0 && waitingBytes + bytes > maximumBytes { return .full }
        waitingBytes += bytes
        switch priority {
        case .live: live.append(pending)
        case .background: background.append(pending)
        }
        // A writer that is at work, or gathering, looks by itself.
        if isWriterIdle { condition.signal() }
        return .queued
    }

    /// Waits for work; nil once stopped and empty. Live batches all go first; of the background ones a single batch
    /// rides along, so that an import moves on without holding anybody up.
    func takeAll(upToRows maximumRows: Int) -> [PendingBatch]? {
        condition.lock()
        defer { condition.unlock() }
        while live.isEmpty && background.isEmpty {
            if isStopped { return nil }
            isWriterIdle = true
            condition.wait()
            isWriterIdle = false
        }
        gather()
        var taken: [PendingBatch] = []
        var rows = 0
        for pending in live {
            if !taken.isEmpty && rows + pending.batch.count > maximumRows { break }
            taken.append(pending)
            rows += pending.batch.count
        }
        live.removeFirst(taken.count)
        if !background.isEmpty { taken.append(background.removeFirst()) }
        for pending in taken { waitingBytes -= pending.batch.byteCount }
        lastCount = taken.count
        return taken
    }

    private static let gatheringStepMicroseconds: UInt32 = 300
    private static let gatheringSteps = 10

    /// Waits while batches keep coming, 3 ms at most. A single client never waits. The lock is held on entry and exit.
    private func gather() {
        guard lastCount > 1 || live.count > 1, !isStopped else { return }
        for _ in 0..<Self.gatheringSteps {
            let count = live.count
            condition.unlock()
            usleep(Self.gatheringStepMicroseconds)
            condition.lock()
            if live.count == count { return }
        }
    }

    /// Lets what is queued be written and refuses anything new.
    func stop() {
        condition.lock()
        isStopped = true
        condition.broadcast()
        condition.unlock()
    }
}

/// Who waits for the events.
public enum EventPriority: Sendable {
    /// A client that sends events as they happen.
    case live
    /// A file being imported.
    case background
}
