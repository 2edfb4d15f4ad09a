public import Contract
import JSON

/// One contract, and what the server makes of it: which operations it serves, and whom it lets in.
public struct ReferenceInterface: Sendable {
    /// The contract.
    public let contract: ContractDocument
    /// Ids of operations that this version does not serve.
    public let unserved: Set<String>
    /// The kinds of callers that may use an operation, by its id, as `sextant routes --access` names them: such as
    /// `environment-key` and `convert-key:edit`.
    public let callers: [String: [String]]

    /// An interface. An operation without callers is shown without a line about them.
    public init(contract: ContractDocument, unserved: Set<String> = [], callers: [String: [String]] = [:]) {
        self.contract = contract
        self.unserved = unserved
        self.callers = callers
    }
}

/// Operations that belong together: those of one tag.
struct OperationGroup: Sendable {
    let title: String
    let description: String
    /// What its page is called.
    let slug: String
    let operations: [ContractOperation]

    /// The groups of a contract, in its order.
    static func all(of contract: ContractDocument) -> [OperationGroup] {
        var titles: [String] = (contract.tree["tags"]?.array ?? []).compactMap { $0["name"]?.string }
        for operation in contract.operations {
            let title = self.title(of: operation)
            if !titles.contains(title) { titles.append(title) }
        }
        return titles.compactMap { title in
            let operations = contract.operations.filter { self.title(of: $0) == title }
            if operations.isEmpty { return nil }
            let tag = contract.tree["tags"]?.array?.first { $0["name"]?.string == title }
            return OperationGroup(
                title: title, description: tag?["description"]?.string ?? "", slug: slug(title), operations: operations)
        }
    }

    static func title(of operation: ContractOperation) -> String { operation.tags.first ?? "Other operations" }

    /// `API Keys` becomes `api-keys`.
    private static func slug(_ title: String) -> String {
        let bytes = title.lowercased().utf8.map { byte in
            (97...122).contains(byte) || (48...57).contains(byte) ? byte : UInt8(ascii: "-")
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
