import Foundation

/// How many files and connections the process may have open.
enum OpenFiles {
    /// As many as its owner lets it have: what shells and service managers give at first is a tenth of that or less.
    static func allowAll() {
        guard var limit else { return }
        limit.rlim_cur = limit.rlim_max
        // Where that is refused, what it has must do.
        _ = setrlimit(resource, &limit)
    }

    /// What the process may have.
    static var most: Int {
        // What it is when nobody tells.
        limit.map { Int(clamping: $0.rlim_cur) } ?? 1_024
    }

    /// The most connections that leave the stores, files that are served and processes what they open: a quarter.
    static var mostConnections: Int { most / 4 * 3 }

    private static let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)

    private static var limit: rlimit? {
        var limit = rlimit()
        return getrlimit(resource, &limit) == 0 ? limit : nil
    }
}
