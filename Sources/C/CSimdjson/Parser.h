#ifndef PARSER_H
#define PARSER_H

#include "CSimdjson.h"
#include "UniqueKeys.h"

#include <memory>
#include <simdjson.h>

namespace sextant {

/// Turns text into nodes. simdjson finds the structure and proves the UTF-8; the walk over that structure is ours,
/// because it must remember where each value stood, refuse what we refuse and say where.
class Parser {
public:
    Parser() = default;
    ~Parser();
    Parser(const Parser &) = delete;
    Parser &operator=(const Parser &) = delete;

    csimdjson_status parse(
        const uint8_t *bytes, size_t length, csimdjson_limits limits, csimdjson_document *document);

private:
    struct Container {
        uint32_t node;
        uint32_t count;
    };

    std::unique_ptr<simdjson::internal::dom_parser_implementation> scanner;
    size_t scanner_capacity = 0;
    UniqueKeys unique_keys;
    csimdjson_node *nodes = nullptr;
    size_t node_capacity = 0;
    uint32_t node_count = 0;
    Container *containers = nullptr;
    size_t container_capacity = 0;
    uint8_t *arena = nullptr;
    size_t arena_capacity = 0;
    uint32_t arena_length = 0;
    uint32_t position = 0;

    csimdjson_status scan(const uint8_t *source, uint32_t length);
    csimdjson_status walk(
        const uint8_t *source, uint32_t length, csimdjson_limits limits, bool escapes);
    csimdjson_status read_string(
        const uint8_t *source, uint32_t open, uint32_t next, uint32_t length, bool escapes, uint32_t &offset,
        uint32_t &count, uint32_t &past);
    csimdjson_status pack(const uint8_t *source, uint32_t length, csimdjson_document *document);
    void trim();
};

}  // namespace sextant

#endif
