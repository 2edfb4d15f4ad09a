#include "Parser.h"
#include "Scalars.h"

#include <cstdlib>
#include <cstring>

namespace sextant {

namespace {

/// What a thread keeps between documents; one larger than this pays for its own memory.
constexpr size_t retained_bytes = 4 << 20;
constexpr uint32_t largest_source = 1u << 31;

template <typename Element> bool reserve(Element *&buffer, size_t &capacity, size_t wanted) {
    if (wanted <= capacity) {
        return true;
    }
    std::free(buffer);
    buffer = static_cast<Element *>(std::malloc(wanted * sizeof(Element)));
    capacity = buffer ? wanted : 0;
    return buffer != nullptr;
}

template <typename Element> void release(Element *&buffer, size_t &capacity) {
    std::free(buffer);
    buffer = nullptr;
    capacity = 0;
}

}  // namespace

Parser::~Parser() {
    std::free(nodes);
    std::free(containers);
    std::free(arena);
}

void Parser::trim() {
    if (scanner_capacity > retained_bytes) {
        scanner.reset();
        scanner_capacity = 0;
    }
    if (node_capacity * sizeof(csimdjson_node) > retained_bytes) {
        release(nodes, node_capacity);
    }
    if (arena_capacity > retained_bytes) {
        release(arena, arena_capacity);
    }
    unique_keys.trim();
}

csimdjson_status Parser::parse(
    const uint8_t *bytes, size_t length, csimdjson_limits limits, csimdjson_document *document) {
    if (length >= largest_source) {
        document->error_offset = 0;
        return csimdjson_too_large;
    }
    const size_t mark = length >= 3 && std::memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    const uint8_t *source = bytes + mark;
    const uint32_t source_length = static_cast<uint32_t>(length - mark);
    position = 0;
    csimdjson_status status = scan(source, source_length);
    if (status == csimdjson_ok) {
        const bool escapes = std::memchr(source, '\\', source_length) != nullptr;
        status = walk(source, source_length, limits, escapes);
    }
    if (status == csimdjson_ok) {
        status = pack(source, source_length, document);
    }
    document->error_offset = position + mark;
    trim();
    return status;
}

csimdjson_status Parser::scan(const uint8_t *source, uint32_t length) {
    if (length == 0) {
        return csimdjson_empty;
    }
    if (length >= scanner_capacity) {
        const size_t wanted = length < 4096 ? 4096 : length + length / 4;
        scanner.reset();
        scanner_capacity = 0;
        if (simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, scanner)
            != simdjson::SUCCESS) {
            return csimdjson_out_of_memory;
        }
        scanner_capacity = wanted;
    }
    switch (scanner->stage1(source, length, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS: return csimdjson_ok;
    case simdjson::EMPTY: return csimdjson_empty;
    case simdjson::MEMALLOC:
    case simdjson::CAPACITY: return csimdjson_out_of_memory;
    default: return explain_text_error(source, length, position);
    }
}

csimdjson_status Parser::read_string(
    const uint8_t *source, uint32_t open, uint32_t next, uint32_t length, bool escapes, uint32_t &offset,
    uint32_t &count, uint32_t &past) {
    // The closing quote is the last thing before the next structural character that is not white space.
    uint32_t close = next - 1;
    while (close > open && is_space(source[close])) {
        --close;
    }
    if (close == open || source[close] != '"') {
        position = open;
        return csimdjson_unclosed_string;
    }
    past = close + 1;
    offset = open + 1;
    count = close - offset;
    if (escapes && std::memchr(source + offset, '\\', count) != nullptr) {
        if (!reserve(arena, arena_capacity, length)) {
            return csimdjson_out_of_memory;
        }
        uint32_t written = 0;
        const csimdjson_status status = unescape(source, offset, close, arena + arena_length, written, position);
        if (status != csimdjson_ok) {
            return status;
        }
        offset = length + arena_length;
        count = written;
        arena_length += written;
    }
    return csimdjson_ok;
}

csimdjson_status Parser::pack(const uint8_t *source, uint32_t length, csimdjson_document *document) {
    const size_t node_bytes = node_count * sizeof(csimdjson_node);
    uint8_t *block = static_cast<uint8_t *>(std::malloc(node_bytes + length + arena_length));
    if (!block) {
        return csimdjson_out_of_memory;
    }
    std::memcpy(block, nodes, node_bytes);
    std::memcpy(block + node_bytes, source, length);
    if (arena_length > 0) {
        std::memcpy(block + node_bytes + length, arena, arena_length);
    }
    document->storage = block;
    document->nodes = reinterpret_cast<const csimdjson_node *>(block);
    document->text = block + node_bytes;
    document->node_count = node_count;
    return csimdjson_ok;
}

csimdjson_status Parser::walk(
    const uint8_t *source, uint32_t length, csimdjson_limits limits, bool escapes) {
    const uint32_t *structural = scanner->structural_indexes.get();
    const uint32_t *const last = structural + scanner->n_structural_indexes;
    // simdjson puts the length of the text after the last index, so the index past a value can always be read.
    const size_t most_nodes = scanner->n_structural_indexes < limits.values ? scanner->n_structural_indexes
                                                                            : limits.values;
    if (!reserve(nodes, node_capacity, most_nodes + 1) || !reserve(containers, container_capacity, limits.depth + 1)) {
        return csimdjson_out_of_memory;
    }
    node_count = 0;
    arena_length = 0;
    uint32_t depth = 0;
    uint32_t key_offset = CSIMDJSON_NO_KEY;
    uint32_t key_length = 0;
    csimdjson_status status = csimdjson_ok;

    while (true) {
        // A value.
        if (structural == last) {
            position = length;
            return csimdjson_truncated;
        }
        const uint32_t start = *structural++;
        position = start;
        if (node_count == limits.values) {
            return csimdjson_too_many_values;
        }
        const uint32_t index = node_count++;
        csimdjson_node &node = nodes[index];
        node.payload = 0;
        node.key_offset = key_offset;
        node.key_length = key_length;
        node.start = start;
        const uint32_t limit = *structural;
        auto literal = [&](const char *word, uint32_t size, uint8_t kind) {
            node.kind = kind;
            node.end = start + size;
            return limit - start >= size && std::memcmp(source + start, word, size) == 0
                && (limit == node.end || is_space(source[node.end]));
        };

        bool opened = false;
        switch (source[start]) {
        case '"': {
            uint32_t offset = 0;
            uint32_t count = 0;
            status = read_string(source, start, limit, length, escapes, offset, count, node.end);
            if (status != csimdjson_ok) {
                return status;
            }
            node.kind = csimdjson_kind_string;
            node.payload = offset | (static_cast<uint64_t>(count) << 32);
            break;
        }
        case '{':
        case '[':
            if (depth == limits.depth) {
                return csimdjson_too_deep;
            }
            node.kind = source[start] == '{' ? csimdjson_kind_object : csimdjson_kind_array;
            containers[depth++] = {index, 0};
            opened = true;
            break;
        case 't':
            if (!literal("true", 4, csimdjson_kind_true)) {
                return csimdjson_bad_literal;
            }
            break;
        case 'f':
            if (!literal("false", 5, csimdjson_kind_false)) {
                return csimdjson_bad_literal;
            }
            break;
        case 'n':
            if (!literal("null", 4, csimdjson_kind_null)) {
                return csimdjson_bad_literal;
            }
            break;
        case '-':
        case '0': case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
            status = read_number(source, start, limit, limits.exponent, node);
            if (status != csimdjson_ok) {
                return status;
            }
            break;
        default: return csimdjson_unexpected_character;
        }

        // What follows a value: the end of any number of containers, then a comma or the end of the text.
        bool in_object = false;
        while (true) {
            if (depth == 0) {
                if (structural != last) {
                    position = *structural;
                    return csimdjson_trailing_content;
                }
                return csimdjson_ok;
            }
            if (structural == last) {
                position = length;
                return csimdjson_truncated;
            }
            Container &container = containers[depth - 1];
            csimdjson_node &parent = nodes[container.node];
            in_object = parent.kind == csimdjson_kind_object;
            const uint32_t next = *structural;
            position = next;
            const bool closes = source[next] == (in_object ? '}' : ']');
            if (opened && !closes) {
                break;
            }
            container.count += opened ? 0 : 1;
            opened = false;
            ++structural;
            if (!closes) {
                if (source[next] != ',') {
                    return csimdjson_expected_comma;
                }
                break;
            }
            parent.end = next + 1;
            parent.payload = container.count | (static_cast<uint64_t>(node_count) << 32);
            if (in_object && container.count > 1) {
                uint32_t duplicate = 0;
                switch (unique_keys.check(nodes, container.node, source, arena, length, duplicate)) {
                case UniqueKeys::Answer::unique: break;
                case UniqueKeys::Answer::duplicate: position = nodes[duplicate].start; return csimdjson_duplicate_key;
                case UniqueKeys::Answer::out_of_memory: return csimdjson_out_of_memory;
                }
            }
            --depth;
        }

        // A key, when the next value belongs to an object.
        key_offset = CSIMDJSON_NO_KEY;
        key_length = 0;
        if (in_object) {
            if (structural == last) {
                position = length;
                return csimdjson_truncated;
            }
            const uint32_t open = *structural++;
            position = open;
            if (source[open] != '"') {
                return csimdjson_expected_key;
            }
            uint32_t past = 0;
            status = read_string(source, open, *structural, length, escapes, key_offset, key_length, past);
            if (status != csimdjson_ok) {
                return status;
            }
            position = structural == last ? length : *structural;
            if (structural == last) {
                return csimdjson_truncated;
            }
            if (source[*structural++] != ':') {
                return csimdjson_expected_colon;
            }
        }
    }
}

}  // namespace sextant
