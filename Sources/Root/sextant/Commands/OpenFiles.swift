import Foundation

/// How many files and connections the process may have open.
enum OpenFiles {
    /// As many as its owner lets it have: what shells and service managers give at first is a tenth of that or less.
    static func allowAll() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Where that is refused, what it has must do.
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
