/// What a message says, made by a ``LetterTemplate``.
public struct Letter: Sendable, Equatable {
    /// One line.
    public let subject: String
    /// What is shown where there is no HTML.
    public let text: String
    /// The same as a page of its own; nil in letters that wait since before there were any.
    public let html: String?
}
