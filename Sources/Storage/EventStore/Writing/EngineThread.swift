import Foundation
import Synchronization

/// A thread for work with the engine, which may be the last to hold a database.
///
/// `Thread` lets go of its closure only after the thread's own data is gone, and the engine needs that to close a database.
/// So the closure keeps the work where the thread takes it from, and lets go of it as soon as it is done.
enum EngineThread {
    /// Starts the work on a thread of that name.
    static func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let thread = Thread { [work = Once(work)] in work.run() }
        thread.name = name
        thread.start()
    }

    private final class Once: Sendable {
        private let work: Mutex<(@Sendable () -> Void)?>

        init(_ work: @escaping @Sendable () -> Void) {
            self.work = Mutex(work)
        }

        func run() {
            let work = work.withLock { $0.take() }
            work?()
        }
    }
}
