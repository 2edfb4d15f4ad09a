#include "CSimdjson.h"
#include "Parser.h"

#include <cstdlib>
#include <cstring>

csimdjson_status csimdjson_parse(
    const uint8_t *bytes, size_t length, csimdjson_limits limits, csimdjson_document *document) {
    static thread_local sextant::Parser parser;
    return parser.parse(bytes, length, limits, document);
}

void csimdjson_release(void *storage) { std::free(storage); }

size_t csimdjson_line_end(const uint8_t *bytes, size_t length, size_t from) {
    const void *found = from < length ? std::memchr(bytes + from, '\n', length - from) : nullptr;
    return found ? static_cast<size_t>(static_cast<const uint8_t *>(found) - bytes) : length;
}
