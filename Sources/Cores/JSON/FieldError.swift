/// An error that says which member of a request or document it is about.
public protocol FieldError: Error, CustomStringConvertible {
    /// The member's name or place, such as `title` or `rule.all[2].operator`; nil where it is about none.
    var field: String? { get }
    /// What is wrong and the way out, without the field.
    var message: String { get }
}

extension FieldError {
    /// The field, if there is one, and what is wrong with it: `title: give between 1 and 255 characters`.
    public var description: String { field.map { "\($0): \(message)" } ?? message }
}
