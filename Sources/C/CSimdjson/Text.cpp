#include "Scalars.h"

#include <cstring>

namespace sextant {

namespace {

/// The value of four hexadecimal digits, or -1.
int32_t hexadecimal(const uint8_t *source, uint32_t start, uint32_t end) {
    if (end - start < 4) {
        return -1;
    }
    int32_t value = 0;
    for (uint32_t i = start; i < start + 4; ++i) {
        const uint8_t c = source[i];
        int32_t digit;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            digit = (c | 0x20) - 'a' + 10;
        } else {
            return -1;
        }
        value = value * 16 + digit;
    }
    return value;
}

uint8_t *write_scalar(uint32_t scalar, uint8_t *output) {
    if (scalar < 0x80) {
        *output++ = static_cast<uint8_t>(scalar);
    } else if (scalar < 0x800) {
        *output++ = static_cast<uint8_t>(0xC0 | (scalar >> 6));
        *output++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else if (scalar < 0x10000) {
        *output++ = static_cast<uint8_t>(0xE0 | (scalar >> 12));
        *output++ = static_cast<uint8_t>(0x80 | ((scalar >> 6) & 0x3F));
        *output++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    } else {
        *output++ = static_cast<uint8_t>(0xF0 | (scalar >> 18));
        *output++ = static_cast<uint8_t>(0x80 | ((scalar >> 12) & 0x3F));
        *output++ = static_cast<uint8_t>(0x80 | ((scalar >> 6) & 0x3F));
        *output++ = static_cast<uint8_t>(0x80 | (scalar & 0x3F));
    }
    return output;
}

/// The length of the well-formed UTF-8 sequence at `p`, or 0 (Unicode 15, table 3-7).
uint32_t sequence_length(const uint8_t *p, size_t available) {
    const uint8_t c = p[0];
    auto continues = [&](size_t i, uint8_t low, uint8_t high) { return i < available && p[i] >= low && p[i] <= high; };
    if (c < 0x80) {
        return 1;
    }
    if (c >= 0xC2 && c <= 0xDF) {
        return continues(1, 0x80, 0xBF) ? 2 : 0;
    }
    if (c >= 0xE0 && c <= 0xEF) {
        const uint8_t low = c == 0xE0 ? 0xA0 : 0x80;
        const uint8_t high = c == 0xED ? 0x9F : 0xBF;
        return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
    }
    if (c >= 0xF0 && c <= 0xF4) {
        const uint8_t low = c == 0xF0 ? 0x90 : 0x80;
        const uint8_t high = c == 0xF4 ? 0x8F : 0xBF;
        return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
    }
    return 0;
}

}  // namespace

csimdjson_status unescape(
    const uint8_t *source, uint32_t start, uint32_t end, uint8_t *output, uint32_t &written, uint32_t &position) {
    uint8_t *out = output;
    uint32_t i = start;
    while (i < end) {
        const void *found = std::memchr(source + i, '\\', end - i);
        const uint32_t stop = found ? static_cast<uint32_t>(static_cast<const uint8_t *>(found) - source) : end;
        std::memcpy(out, source + i, stop - i);
        out += stop - i;
        i = stop;
        if (i == end) {
            break;
        }
        position = i;
        if (i + 1 >= end) {
            return csimdjson_bad_escape;
        }
        const uint8_t c = source[i + 1];
        i += 2;
        switch (c) {
        case '"': *out++ = '"'; break;
        case '\\': *out++ = '\\'; break;
        case '/': *out++ = '/'; break;
        case 'b': *out++ = '\b'; break;
        case 'f': *out++ = '\f'; break;
        case 'n': *out++ = '\n'; break;
        case 'r': *out++ = '\r'; break;
        case 't': *out++ = '\t'; break;
        case 'u': {
            int32_t unit = hexadecimal(source, i, end);
            if (unit < 0) {
                return csimdjson_bad_escape;
            }
            i += 4;
            if (unit == 0) {
                return csimdjson_nul_character;
            }
            uint32_t scalar = static_cast<uint32_t>(unit);
            if (unit >= 0xDC00 && unit <= 0xDFFF) {
                return csimdjson_lone_surrogate;
            }
            if (unit >= 0xD800 && unit <= 0xDBFF) {
                if (end - i < 6 || source[i] != '\\' || source[i + 1] != 'u') {
                    return csimdjson_lone_surrogate;
                }
                const int32_t low = hexadecimal(source, i + 2, end);
                if (low < 0xDC00 || low > 0xDFFF) {
                    return csimdjson_lone_surrogate;
                }
                scalar = 0x10000 + ((scalar - 0xD800) << 10) + static_cast<uint32_t>(low - 0xDC00);
                i += 6;
            }
            out = write_scalar(scalar, out);
            break;
        }
        default: return csimdjson_bad_escape;
        }
    }
    position = end;
    written = static_cast<uint32_t>(out - output);
    return csimdjson_ok;
}

csimdjson_status explain_text_error(const uint8_t *source, uint32_t length, uint32_t &position) {
    bool in_string = false;
    uint32_t string_start = 0;
    uint32_t i = 0;
    while (i < length) {
        const uint8_t c = source[i];
        const uint32_t step = sequence_length(source + i, length - i);
        position = i;
        if (step == 0) {
            return csimdjson_invalid_utf8;
        }
        if (in_string) {
            if (c == 0) {
                return csimdjson_nul_character;
            }
            if (c < 0x20) {
                return csimdjson_control_character;
            }
            if (c == '\\' && i + 1 < length && source[i + 1] >= 0x20 && source[i + 1] < 0x80) {
                i += 2;
                continue;
            }
            if (c == '"') {
                in_string = false;
            }
        } else if (c == '"') {
            in_string = true;
            string_start = i;
        }
        i += step;
    }
    position = in_string ? string_start : length;
    return in_string ? csimdjson_unclosed_string : csimdjson_truncated;
}

}  // namespace sextant
