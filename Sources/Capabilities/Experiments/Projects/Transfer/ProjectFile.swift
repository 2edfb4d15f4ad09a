public import Resources

/// The JSON file that carries a project, or parts of one, from one account to another.
public enum ProjectFile {
    static let version: Int64 = 1

    /// Where each kind stands in the file, in an order in which references come after what they name.
    public static let members: [(kind: ResourceKind, member: String)] = [
        (.tag, "tags"), (.goal, "goals"), (.audience, "audiences"), (.location, "locations"), (.feature, "features"),
        (.experience, "experiences"), (.hypothesis, "hypothesis"),
    ]
}
