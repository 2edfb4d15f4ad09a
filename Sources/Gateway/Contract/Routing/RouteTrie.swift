/// Path templates as a tree of segments, with something at the end of each.
struct RouteTrie<Element: Sendable>: Sendable {
    private var nodes = [Node()]

    private struct Node {
        var literals: [String: Int] = [:]
        var keys = KeyTable([])
        var targets: [Int] = []
        var parameter: Int?
        var element: Element?
    }

    /// Where a path leads: the element at its end, and which of its segments stood for parameters.
    struct Found {
        let element: Element
        let parameters: [Int]
    }

    /// Changes the element at the end of a pattern; nil is passed when there was none.
    mutating func update<Failure: Error>(
        _ pattern: RoutePattern, _ body: (inout Element?) throws(Failure) -> Void
    ) throws(Failure) {
        var index = 0
        for segment in pattern.segments {
            switch segment {
            case .literal(let text):
                if let next = nodes[index].literals[text] {
                    index = next
                    continue
                }
                nodes[index].literals[text] = nodes.count
            case .parameter:
                if let next = nodes[index].parameter {
                    index = next
                    continue
                }
                nodes[index].parameter = nodes.count
            }
            index = nodes.count
            nodes.append(Node())
        }
        try body(&nodes[index].element)
    }

    /// Makes the tree ready to be searched.
    mutating func seal() {
        for index in nodes.indices {
            let literals = nodes[index].literals.sorted { $0.key < $1.key }
            nodes[index].keys = KeyTable(literals.map(\.key))
            nodes[index].targets = literals.map(\.value)
        }
    }

    func find(_ path: PathSegments) -> Found? {
        var parameters: [Int] = []
        guard let index = find(path, 0, from: 0, &parameters), let element = nodes[index].element else { return nil }
        return Found(element: element, parameters: parameters)
    }

    private func find(_ path: PathSegments, _ position: Int, from index: Int, _ parameters: inout [Int]) -> Int? {
        guard position < path.ranges.count else { return nodes[index].element == nil ? nil : index }
        let place = path.bytes.withUnsafeBufferPointer { bytes in
            nodes[index].keys.place(of: UnsafeBufferPointer(rebasing: bytes[path.ranges[position]]))
        }
        if let place, let found = find(path, position + 1, from: nodes[index].targets[place], &parameters) {
            return found
        }
        guard let next = nodes[index].parameter else { return nil }
        parameters.append(position)
        if let found = find(path, position + 1, from: next, &parameters) { return found }
        parameters.removeLast()
        return nil
    }
}
