/// What passwords must be (OWASP ASVS 6.2): long enough, and none of those that are tried first. Nothing is asked of their
/// characters.
public enum PasswordPolicy {
    /// In code points.
    public static let length = 8...99

    /// What is wrong with a password, in a sentence; nil for nothing.
    public static func fault(_ password: String) -> String? {
        let count = password.unicodeScalars.count
        if count < length.lowerBound { return "must have at least \(length.lowerBound) characters" }
        if count > length.upperBound { return "must have at most \(length.upperBound) characters" }
        if CommonPasswords.contain(password) { return "is one of the 3,000 that are tried first; choose another" }
        return nil
    }
}
