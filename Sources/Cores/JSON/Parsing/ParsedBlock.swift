import CSimdjson

/// What the parser hands over: one block of memory with the nodes and the text, still without an owner.
struct ParsedBlock {
    let nodes: UnsafePointer<csimdjson_node>
    let text: UnsafePointer<UInt8>
    let storage: UnsafeMutableRawPointer
    let count: Int

    init(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits) throws(JSONError) {
        guard let base = bytes.baseAddress else { throw .empty }
        var document = csimdjson_document()
        let status = csimdjson_parse(
            base.assumingMemoryBound(to: UInt8.self), bytes.count, csimdjson_limits(limits), &document)
        guard status == csimdjson_ok, let nodes = document.nodes, let text = document.text,
            let storage = document.storage
        else {
            throw Self.error(status, at: Int(document.error_offset), in: bytes, limits: limits)
        }
        self.nodes = nodes
        self.text = text
        self.storage = storage
        count = Int(document.node_count)
    }

    /// The outcome as a value, for use within closures that cannot throw a typed error.
    static func result(parsing bytes: UnsafeRawBufferPointer, limits: JSONLimits) -> Result<ParsedBlock, JSONError> {
        do throws(JSONError) {
            return .success(try ParsedBlock(parsing: bytes, limits: limits))
        } catch {
            return .failure(error)
        }
    }

    private static func error(
        _ status: csimdjson_status, at offset: Int, in bytes: UnsafeRawBufferPointer, limits: JSONLimits
    ) -> JSONError {
        let path: String
        switch status {
        case csimdjson_empty: return .empty
        case csimdjson_too_large, csimdjson_out_of_memory: return .tooLarge
        default: path = JSONLocator.path(at: offset, in: bytes, maxDepth: limits.maxDepth)
        }
        return switch status {
        case csimdjson_invalid_utf8: .invalidUTF8(path: path, offset: offset)
        case csimdjson_too_deep: .tooDeep(limit: limits.maxDepth, path: path)
        case csimdjson_too_many_values: .tooManyValues(limit: limits.maxValues, path: path)
        case csimdjson_exponent_too_large: .exponentTooLarge(limit: limits.maxExponent, path: path)
        case csimdjson_duplicate_key: .duplicateKey(path: path)
        case csimdjson_nul_character: .nulCharacter(path: path)
        default: .malformed(JSONDefect(status), path: path, offset: offset)
        }
    }
}

extension csimdjson_limits {
    fileprivate init(_ limits: JSONLimits) {
        self.init(
            depth: UInt32(limits.maxDepth), values: UInt32(limits.maxValues),
            exponent: limits.maxExponent == .max ? .max : UInt64(limits.maxExponent))
    }
}

extension JSONDefect {
    /// The defect behind a parser status that means malformed text.
    fileprivate init(_ status: csimdjson_status) {
        self =
            switch status {
            case csimdjson_truncated: .truncated
            case csimdjson_bad_literal: .badLiteral
            case csimdjson_bad_number: .badNumber
            case csimdjson_number_out_of_range: .numberOutOfRange
            case csimdjson_bad_escape: .badEscape
            case csimdjson_lone_surrogate: .loneSurrogate
            case csimdjson_control_character: .controlCharacter
            case csimdjson_unclosed_string: .unclosedString
            case csimdjson_trailing_content: .trailingContent
            case csimdjson_expected_key: .expectedKey
            case csimdjson_expected_colon: .expectedColon
            case csimdjson_expected_comma: .expectedComma
            default: .unexpectedCharacter
            }
    }
}
