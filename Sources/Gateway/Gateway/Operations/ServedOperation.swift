import Contract

/// What answers an operation: put together once, so that a request looks nothing up but its route.
final class ServedOperation: Sendable {
    let operation: ContractOperation
    /// Nil for an operation that its surface does not serve yet.
    let endpoint: Surface.Endpoint?
    let errors: ErrorRenderer
    let metrics: OperationMetrics

    init(_ operation: ContractOperation, of surface: Surface) {
        self.operation = operation
        endpoint = surface.endpoints[operation.operationId]
        errors = surface.errors
        metrics = OperationMetrics(operation: operation.label)
    }
}

extension ContractOperation {
    /// What metrics and logs call the operation; never the address itself, which clients choose.
    var label: String { "\(document).\(operationId)" }
}
