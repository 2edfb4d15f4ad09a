import CBuild

/// Which program this is.
enum Version {
    /// Of the releases, by Semantic Versioning.
    static let number = "0.1.0"

    /// The beginning of the commit that it was made of; empty where that is not known.
    static let commit: String = {
        let commit = String(cString: cbuild_commit())
        return String(commit.prefix(12)) + (commit.hasSuffix("+") ? "+" : "")
    }()

    /// Both, for people.
    static let text = commit.isEmpty ? number : "\(number) (\(commit))"
}
