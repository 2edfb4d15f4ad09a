import NIOPosix

/// The threads on which uploads are unpacked, parsed and counted, so that those that answer everybody stay free. There
/// are few of them: however many uploads come, pieces of no more than that are held at a time. Short uploads have one of
/// their own: going through a whole long one holds a thread for minutes.
///
/// What runs here still belongs to its task, and can tell whether that is cancelled.
final class UploadThreads: TaskExecutor {
    private static let long = UploadThreads(count: 2)
    private static let short = UploadThreads(count: 1)

    private let pool: NIOThreadPool

    private init(count: Int) {
        pool = NIOThreadPool(numberOfThreads: count)
        pool.start()
    }

    /// Runs work on one of the threads, as soon as one is free.
    /// - Parameter isShort: whether it is of an upload that takes little time.
    /// - Throws: what the work throws; `CancellationError` when its task is cancelled, whatever the work made of that.
    static func run<Value>(short isShort: Bool, _ work: () throws -> Value) async throws -> Value {
        try await withTaskExecutorPreference(isShort ? short : long) {
            let result = Result { try work() }
            try Task.checkCancellation()
            return try result.get()
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        pool.submit { _ in job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}
