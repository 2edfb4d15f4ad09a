public import Contract
import HTTPTypes
import Identity
import Sessions

/// What a policy says, without what its handler gets.
struct AccessRule: Sendable {
    let name: String
    let kinds: Set<Principal.Kind>
    let permit: @Sendable (Principal, RequestHead) throws -> Void
}

/// One operation, and the callers that its policy lets in where they are at home: a line of `sextant routes --access`.
public struct AccessLine: Sendable {
    public let operation: ContractOperation
    /// Such as `edit(project)`.
    public let policy: String
    /// Names of kinds of callers, such as `convert-key:edit`.
    public let callers: [String]

    init(_ operation: ContractOperation, _ rule: AccessRule) {
        self.operation = operation
        policy = rule.name
        let parameters = operation.parameters.filter { $0.location == .path }.map { (name: $0.name, value: "1") }
        let head = RequestHead(
            method: operation.method, authority: nil, headers: [:], path: PathParameters(items: parameters),
            requestID: "")
        callers = Self.examples.filter { example in
            guard rule.kinds.contains(example.principal.kind) else { return false }
            return (try? rule.permit(example.principal, head)) != nil
        }.map(\.name)
    }

    /// One caller of each kind that differs in what it may do.
    private static let examples: [(name: String, principal: Principal)] =
        [
            ("environment-key", .environmentKey(.example(allowsExports: true))),
            ("environment-key:send", .environmentKey(.example(allowsExports: false))),
            ("gainsight-key", .gainsightKey(.example(allowsExports: true))),
            ("gainsight-key:send", .gainsightKey(.example(allowsExports: false))),
        ]
        + Role.ofKeys.map { role in
            ("convert-key:\(role.rawValue)", .convertKey(.example(role: role, projectIDs: nil)))
        } + [
            ("convert-key:admin:project", .convertKey(.example(role: .admin, projectIDs: [1])))
        ]
        + Role.allCases.map { role in ("user:\(role.rawValue)", .user(.example(Accesses(everywhere: role)))) } + [
            ("user:admin:project", .user(.example(Accesses(everywhere: nil, projects: [1: .admin])))),
            ("user:nothing", .user(.example(nil))),
            ("sdk-key", .sdkKey(.example, showsSecret: true)),
            ("sdk-key:without-secret", .sdkKey(.example, showsSecret: false)),
            ("report-token", .reportToken), ("stranger", .stranger),
        ]
}

extension Surface {
    /// Who may use the operations that are served, in the contract's order.
    public var access: [AccessLine] {
        contract.operations.compactMap { operation in
            endpoints[operation.operationId].map { AccessLine(operation, $0.rule) }
        }
    }
}
