import ArgumentParser

/// What an operator decides to go on without, when it is lost.
enum AcceptedLoss: String, ExpressibleByArgument, CaseIterable {
    /// Events: an event log that is missing, damaged, older than the control store or another folder's.
    case events
    /// What the master key sealed: a key file that is missing or another folder's.
    case secrets
}
