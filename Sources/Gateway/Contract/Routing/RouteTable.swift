public import HTTPTypes

/// Finds the operation for a method and a path, in time that does not depend on how many operations there are.
///
/// Literal segments win over parameters. Every path is served with and without a slash at its end. Where two operations
/// differ only in that one takes an integer (`/experiences/{experience_id}`, `/experiences/{experience_key}`), the value
/// decides.
public struct RouteTable: Sendable {
    /// All operations that can be reached.
    public let operations: [ContractOperation]

    private var trie = RouteTrie<[Endpoint]>()

    private struct Endpoint {
        let operation: ContractOperation
        let parameterNames: [String]
        /// Which of the parameters, by their place in the path, are integers.
        let integers: Set<Int>

        func suits(_ values: [String]) -> Bool { integers.allSatisfy { RoutePattern.isInteger(values[$0]) } }
    }

    /// A table of the operations of these documents.
    ///
    /// - Throws: ``ContractError/routeConflict(method:path:first:second:)`` when two operations claim the same place.
    public init(_ documents: [ContractDocument]) throws(ContractError) {
        operations = documents.flatMap(\.operations)
        for operation in operations {
            for path in [operation.path] + operation.aliasPaths { try insert(operation, path: path) }
        }
        trie.seal()
    }

    private mutating func insert(_ operation: ContractOperation, path: String) throws(ContractError) {
        let pattern = try RoutePattern(path)
        let names = pattern.parameterNames
        let integers = Set(names.indices.filter { operation.isIntegerInPath(names[$0]) })
        let endpoint = Endpoint(operation: operation, parameterNames: names, integers: integers)
        try trie.update(pattern) { (endpoints) throws(ContractError) in
            var known = endpoints ?? []
            if let other = known.first(where: { $0.operation.method == operation.method && $0.integers == integers })?
                .operation
            {
                guard other.document == operation.document, other.operationId == operation.operationId else {
                    throw ContractError.routeConflict(
                        method: operation.method.rawValue, path: path, first: "\(other.document).\(other.operationId)",
                        second: "\(operation.document).\(operation.operationId)")
                }
                return
            }
            known.append(endpoint)
            // The pickiest first, so that the last resort is the one that takes most.
            known.sort { $0.integers.count > $1.integers.count }
            endpoints = known
        }
    }

    /// Finds the operation.
    ///
    /// - Parameter path: as it came, escapes and all; a query behind it is ignored. `%2F` does not part segments.
    public func match(_ method: HTTPRequest.Method, _ path: String) -> RouteMatch {
        var path = path
        guard let segments = path.withUTF8({ PathSegments($0) }), let found = trie.find(segments) else {
            return .notFound
        }
        let values = found.parameters.map(segments.text)
        var chosen: Endpoint?
        for endpoint in found.element where endpoint.operation.method == method {
            chosen = endpoint
            if endpoint.suits(values) { break }
        }
        guard let chosen else { return .wrongMethod(allowed: Self.distinct(found.element.map(\.operation.method))) }
        return .matched(
            chosen.operation, parameters: zip(chosen.parameterNames, values).map { (name: $0, value: $1) })
    }

    private static func distinct(_ methods: [HTTPRequest.Method]) -> [HTTPRequest.Method] {
        methods.enumerated().filter { !methods[..<$0.offset].contains($0.element) }.map(\.element)
    }
}
