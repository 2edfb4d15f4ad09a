/// A pattern without references to its groups: all ways through it are walked at once.
struct LinearPattern: Sendable {
    let main: PatternProgram
    /// The programs of the look-arounds, each after those within it.
    let looks: [PatternProgram]
    /// Whether a match can only start at the start of the text.
    let isAnchored: Bool

    /// Compiles a pattern.
    init(_ node: PatternNode, budget: inout Int) throws(PatternError) {
        var looks: [PatternProgram] = []
        main = try PatternProgram(node, isForward: true, looks: &looks, budget: &budget)
        self.looks = looks
        isAnchored = node.isAnchored
    }
}
