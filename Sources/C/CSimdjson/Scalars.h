#ifndef SCALARS_H
#define SCALARS_H

#include "CSimdjson.h"

namespace sextant {

inline bool is_space(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
inline bool is_digit(uint8_t c) { return c >= '0' && c <= '9'; }

/// Reads the number that starts at `start` and ends before `limit`; sets the node's kind, payload and end. One that is
/// written with a power of ten beyond `maximum_exponent`, of either sign, is refused even where its digits are zero.
csimdjson_status read_number(
    const uint8_t *source, uint32_t start, uint32_t limit, uint64_t maximum_exponent, csimdjson_node &node);

/// Writes the unescaped form of source[start, end) to `output`, which must have room for end - start bytes.
/// `position` is left where it went wrong, or at `end`; returns the number of bytes written through `written`.
csimdjson_status unescape(
    const uint8_t *source, uint32_t start, uint32_t end, uint8_t *output, uint32_t &written, uint32_t &position);

/// Explains why the structural pass refused the text, by reading it byte by byte.
csimdjson_status explain_text_error(const uint8_t *source, uint32_t length, uint32_t &position);

}  // namespace sextant

#endif
