/// Why a contract could not be taken into use. All of these are mistakes in the document, found when it is loaded.
public enum ContractError: Error, Hashable, Sendable {
    /// No document of this name comes with the program.
    case noSuchDocument(String)
    /// Not YAML, or YAML that JSON cannot express.
    case malformedDocument(name: String, reason: String)
    /// A part of the document is missing or of the wrong shape; `pointer` is a JSON pointer.
    case invalid(pointer: String, reason: String)
    /// A `$ref` that leads nowhere, or round in a circle.
    case danglingReference(String, pointer: String)
    /// Two operations of one document share an operationId.
    case duplicateOperation(String)
    /// Two operations answer the same method on the same path.
    case routeConflict(method: String, path: String, first: String, second: String)
}

extension ContractError: CustomStringConvertible {
    /// The mistake in a sentence.
    public var description: String {
        switch self {
        case .noSuchDocument(let name): "there is no contract named \(name)"
        case .malformedDocument(let name, let reason): "the contract \(name) is not valid YAML: \(reason)"
        case .invalid(let pointer, let reason): "the contract is invalid at \(pointer): \(reason)"
        case .danglingReference(let reference, let pointer): "the reference \(reference) at \(pointer) leads nowhere"
        case .duplicateOperation(let name): "the operationId \(name) is used twice"
        case .routeConflict(let method, let path, let first, let second):
            "\(method) \(path) is claimed by both \(first) and \(second)"
        }
    }
}
