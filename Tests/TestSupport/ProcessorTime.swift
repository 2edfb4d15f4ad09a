import Foundation

/// What the calling thread has the processor do for `work`, in seconds: a busy machine makes it wait, not do more.
package func processorSeconds(_ work: () throws -> Void) rethrows -> Double {
    let before = threadSeconds()
    try work()
    return threadSeconds() - before
}

private func threadSeconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
