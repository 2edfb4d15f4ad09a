/// Finds schemas that apply themselves to the very same value, which no validation could ever finish.
struct SchemaCycles {
    let nodes: ContiguousArray<SchemaNode>

    private enum Mark {
        case open
        case done
    }

    func check() throws(ContractError) {
        var marks: [Mark?] = Array(repeating: nil, count: nodes.count)
        for start in nodes.indices where marks[start] == nil {
            var stack = [(index: start, next: 0)]
            marks[start] = .open
            while let (index, next) = stack.last {
                let targets = nodes[index].inPlace + (nodes[index].oneOf?.discriminator?.schemas ?? [])
                guard next < targets.count else {
                    marks[index] = .done
                    stack.removeLast()
                    continue
                }
                stack[stack.count - 1].next += 1
                switch marks[targets[next]] {
                case .open?:
                    throw .invalid(pointer: nodes[index].pointer, reason: "the schema is made of itself")
                case .done?: break
                case nil:
                    marks[targets[next]] = .open
                    stack.append((targets[next], 0))
                }
            }
        }
    }
}
