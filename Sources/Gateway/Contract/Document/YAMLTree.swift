import JSON
import Yams

/// A YAML document as a JSON value, by the core schema of YAML 1.2: `no` and dates stay strings.
enum YAMLTree {
    static func parse(_ text: String, name: String) throws(ContractError) -> JSONValue {
        do {
            guard let node = try Yams.compose(yaml: text) else {
                throw ContractError.malformedDocument(name: name, reason: "it is empty")
            }
            return try value(of: node)
        } catch let error as ContractError {
            throw error
        } catch {
            throw .malformedDocument(name: name, reason: "\(error)")
        }
    }

    private static func value(of node: Node) throws(ContractError) -> JSONValue {
        switch node {
        case .scalar(let scalar): return scalar.style == .plain ? plain(scalar.string) : .string(scalar.string)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(of: element)) }
            return .array(elements)
        case .mapping(let mapping):
            var object = JSONObject()
            for (key, element) in mapping {
                guard let name = key.scalar?.string else {
                    throw .malformedDocument(name: "", reason: "a key is not a scalar")
                }
                object[name] = try value(of: element)
            }
            return .object(object)
        case .alias:
            throw .malformedDocument(name: "", reason: "an alias without anchor")
        }
    }

    private static func plain(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            guard let first = text.utf8.first, first == UInt8(ascii: "-") || (48...57).contains(first),
                let number = try? JSONValue(parsing: text), number.double != nil
            else { return .string(text) }
            return number
        }
    }
}
