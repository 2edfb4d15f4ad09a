/// Why a mirror is not there to be read.
public enum MirrorError: Error, Sendable, Equatable {
    /// It is being made or brought up to date, and has come so far: events of all that there are to be.
    case underWay(done: Int, total: Int)
    /// It could not be written; the reason names the file.
    case failed(reason: String)
}

extension MirrorError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .underWay(let done, let total): "the copy of the events holds \(done) of \(total) events so far"
        case .failed(let reason): "the copy of the events could not be written: \(reason)"
        }
    }
}
