#include "Scalars.h"

#include <charconv>
#include <cstring>

namespace sextant {

namespace {

/// Whether a decimal beyond the range of doubles is too small (it then reads as zero) rather than too large.
bool is_underflow(const uint8_t *digits, const uint8_t *end) {
    long long exponent = 0;
    bool fraction = false;
    bool significant = false;
    const uint8_t *p = digits;
    for (; p < end && *p != 'e' && *p != 'E'; ++p) {
        if (*p == '.') {
            fraction = true;
        } else if (*p != '0' || significant) {
            significant = true;
            exponent += fraction ? 0 : 1;
        } else if (fraction) {
            exponent -= 1;
        }
    }
    if (p < end) {
        ++p;
        const bool negative = *p == '-';
        if (*p == '-' || *p == '+') {
            ++p;
        }
        long long written = 0;
        for (; p < end && written < 1'000'000'000'000; ++p) {
            written = written * 10 + (*p - '0');
        }
        exponent += negative ? -written : written;
    }
    return exponent < 0;
}

}  // namespace

csimdjson_status read_number(
    const uint8_t *source, uint32_t start, uint32_t limit, uint64_t maximum_exponent, csimdjson_node &node) {
    const uint8_t *p = source + start;
    const uint8_t *end = source + limit;
    const bool negative = *p == '-';
    p += negative ? 1 : 0;

    const uint8_t *digits = p;
    uint64_t integer = 0;
    while (p < end && is_digit(*p)) {
        integer = integer * 10 + (*p - '0');
        ++p;
    }
    const size_t digit_count = static_cast<size_t>(p - digits);
    if (digit_count == 0 || (digit_count > 1 && *digits == '0')) {
        return csimdjson_bad_number;
    }
    bool is_integer = true;
    uint64_t exponent = 0;
    if (p < end && *p == '.') {
        is_integer = false;
        const uint8_t *fraction = ++p;
        while (p < end && is_digit(*p)) {
            ++p;
        }
        if (p == fraction) {
            return csimdjson_bad_number;
        }
    }
    if (p < end && (*p == 'e' || *p == 'E')) {
        is_integer = false;
        ++p;
        if (p < end && (*p == '+' || *p == '-')) {
            ++p;
        }
        const uint8_t *first = p;
        while (p < end && is_digit(*p)) {
            // With nineteen digits it is past every limit but none, whatever follows.
            exponent = exponent < 1'000'000'000'000'000'000ull ? exponent * 10 + (*p - '0') : exponent;
            ++p;
        }
        if (p == first) {
            return csimdjson_bad_number;
        }
    }
    if (p < end && !is_space(*p)) {
        return csimdjson_bad_number;
    }
    if (exponent > maximum_exponent) {
        return csimdjson_exponent_too_large;
    }
    node.end = static_cast<uint32_t>(p - source);

    // Nineteen digits always fit 64 bits without a sign; with twenty the sum may have wrapped round.
    const bool fits = digit_count <= 19
        || (digit_count == 20 && *digits == '1' && integer >= 10'000'000'000'000'000'000ull);
    if (is_integer && fits && !(negative && integer == 0)) {
        if (!negative) {
            node.kind = integer <= INT64_MAX ? csimdjson_kind_integer : csimdjson_kind_unsigned;
            node.payload = integer;
            return csimdjson_ok;
        }
        if (integer <= static_cast<uint64_t>(INT64_MAX) + 1) {
            node.kind = csimdjson_kind_integer;
            node.payload = 0 - integer;
            return csimdjson_ok;
        }
    }

    double value = 0;
    const auto result = std::from_chars(
        reinterpret_cast<const char *>(source + start), reinterpret_cast<const char *>(p), value);
    if (result.ec == std::errc::result_out_of_range) {
        if (!is_underflow(digits, p)) {
            return csimdjson_number_out_of_range;
        }
        value = negative ? -0.0 : 0.0;
    } else if (result.ec != std::errc() || value - value != 0) {
        return csimdjson_number_out_of_range;
    }
    node.kind = csimdjson_kind_double;
    std::memcpy(&node.payload, &value, sizeof value);
    return csimdjson_ok;
}

}  // namespace sextant
