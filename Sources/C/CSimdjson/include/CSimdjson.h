#ifndef CSIMDJSON_H
#define CSIMDJSON_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a node is.
enum {
    csimdjson_kind_null = 0,
    csimdjson_kind_false = 1,
    csimdjson_kind_true = 2,
    /// Payload: the value as int64.
    csimdjson_kind_integer = 3,
    /// Payload: the value as uint64, above the largest int64.
    csimdjson_kind_unsigned = 4,
    /// Payload: the bits of the nearest double.
    csimdjson_kind_double = 5,
    /// Payload: offset (low half) and length (high half) of the unescaped bytes.
    csimdjson_kind_string = 6,
    /// Payload: number of children (low half) and index past the last descendant (high half).
    csimdjson_kind_array = 7,
    csimdjson_kind_object = 8,
};

/// The key offset of a node that is not the value of an object member.
#define CSIMDJSON_NO_KEY UINT32_MAX

/// One value of a document. Offsets count bytes from the start of the document's text.
typedef struct {
    uint64_t payload;
    /// The unescaped key, when the node is the value of an object member.
    uint32_t key_offset;
    uint32_t key_length;
    /// The value as it stood in the source, first byte and past the last byte.
    uint32_t start;
    uint32_t end;
    uint8_t kind;
} csimdjson_node;

/// A parsed document: nodes in pre-order, and a text that is the source followed by the unescaped strings.
typedef struct {
    /// The one block that holds both; given back with csimdjson_release.
    void *storage;
    const csimdjson_node *nodes;
    const uint8_t *text;
    uint32_t node_count;
    /// When parsing failed: where, in bytes from the start of the given bytes.
    uint64_t error_offset;
} csimdjson_document;

typedef enum {
    csimdjson_ok = 0,
    csimdjson_empty,
    csimdjson_truncated,
    csimdjson_unexpected_character,
    csimdjson_bad_literal,
    csimdjson_bad_number,
    csimdjson_number_out_of_range,
    csimdjson_bad_escape,
    csimdjson_lone_surrogate,
    csimdjson_control_character,
    csimdjson_unclosed_string,
    csimdjson_trailing_content,
    csimdjson_expected_key,
    csimdjson_expected_colon,
    csimdjson_expected_comma,
    csimdjson_invalid_utf8,
    csimdjson_too_deep,
    csimdjson_too_many_values,
    csimdjson_exponent_too_large,
    csimdjson_duplicate_key,
    csimdjson_nul_character,
    csimdjson_too_large,
    csimdjson_out_of_memory,
} csimdjson_status;

/// How much one document may ask for.
typedef struct {
    /// Levels of arrays and objects.
    uint32_t depth;
    /// Values, containers included.
    uint32_t values;
    /// The power of ten that a number may be written with, of either sign; UINT64_MAX for any.
    uint64_t exponent;
} csimdjson_limits;

/// Parses one UTF-8 document. On success `document` owns a block to be released; on failure it owns nothing.
csimdjson_status csimdjson_parse(
    const uint8_t *bytes, size_t length, csimdjson_limits limits, csimdjson_document *document);

/// Gives back the block of a parsed document.
void csimdjson_release(void *storage);

/// The offset of the next line feed at or after `from`, or `length` if there is none.
size_t csimdjson_line_end(const uint8_t *bytes, size_t length, size_t from);

/// Whether the two runs of bytes are the same; the length must not be 0.
static inline int csimdjson_equal(const uint8_t *first, const uint8_t *second, size_t length) {
    return memcmp(first, second, length) == 0;
}

#ifdef __cplusplus
}
#endif

#endif
