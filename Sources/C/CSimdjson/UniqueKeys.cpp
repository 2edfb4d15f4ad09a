#include "UniqueKeys.h"

#include <cstdlib>
#include <cstring>
#include <random>

namespace sextant {

namespace {

constexpr uint32_t pairwise_limit = 16;
constexpr size_t retained_slots = 1 << 14;

inline uint32_t next_sibling(const csimdjson_node *nodes, uint32_t index) {
    const csimdjson_node &node = nodes[index];
    return node.kind >= csimdjson_kind_array ? static_cast<uint32_t>(node.payload >> 32) : index + 1;
}

inline uint64_t mix(uint64_t a, uint64_t b) {
    __uint128_t product = static_cast<__uint128_t>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

}  // namespace

UniqueKeys::UniqueKeys() {
    std::random_device device;
    seed = (static_cast<uint64_t>(device()) << 32) | device();
}

UniqueKeys::~UniqueKeys() { std::free(table); }

void UniqueKeys::trim() {
    if (capacity > retained_slots) {
        std::free(table);
        table = nullptr;
        capacity = 0;
    }
}

bool UniqueKeys::reserve(size_t slots) {
    if (slots > capacity) {
        std::free(table);
        table = static_cast<uint32_t *>(std::malloc(slots * sizeof(uint32_t)));
        capacity = table ? slots : 0;
    }
    return table != nullptr;
}

uint64_t UniqueKeys::hash(const uint8_t *bytes, uint32_t length) const {
    uint64_t state = seed ^ (length * 0x9E3779B97F4A7C15ull);
    while (length >= 8) {
        uint64_t word;
        std::memcpy(&word, bytes, 8);
        state = mix(state ^ word, seed | 0xA0761D6478BD642Full);
        bytes += 8;
        length -= 8;
    }
    uint64_t word = 0;
    std::memcpy(&word, bytes, length);
    state = mix(state ^ word, seed | 0xE7037ED1A0B428DBull);
    return mix(state, 0x8EBC6AF09C88C6E3ull);
}

UniqueKeys::Answer UniqueKeys::check(
    const csimdjson_node *nodes, uint32_t object, const uint8_t *source, const uint8_t *arena, uint32_t arena_base,
    uint32_t &duplicate) {
    const uint32_t count = static_cast<uint32_t>(nodes[object].payload);
    const uint32_t end = static_cast<uint32_t>(nodes[object].payload >> 32);
    auto key = [&](uint32_t index) {
        const uint32_t offset = nodes[index].key_offset;
        return offset >= arena_base ? arena + (offset - arena_base) : source + offset;
    };
    auto same = [&](uint32_t a, uint32_t b) {
        const uint32_t length = nodes[a].key_length;
        return length == nodes[b].key_length && std::memcmp(key(a), key(b), length) == 0;
    };

    if (count <= pairwise_limit) {
        uint32_t earlier[pairwise_limit];
        uint32_t seen = 0;
        for (uint32_t index = object + 1; index < end; index = next_sibling(nodes, index)) {
            for (uint32_t other = 0; other < seen; ++other) {
                if (same(earlier[other], index)) {
                    duplicate = index;
                    return Answer::duplicate;
                }
            }
            earlier[seen++] = index;
        }
        return Answer::unique;
    }

    size_t slots = 64;
    while (slots < static_cast<size_t>(count) * 2) {
        slots *= 2;
    }
    if (!reserve(slots)) {
        return Answer::out_of_memory;
    }
    std::memset(table, 0, slots * sizeof(uint32_t));
    for (uint32_t index = object + 1; index < end; index = next_sibling(nodes, index)) {
        size_t slot = hash(key(index), nodes[index].key_length) & (slots - 1);
        // A member is never the first node of a document, so index 0 marks a free slot.
        while (table[slot] != 0) {
            if (same(table[slot], index)) {
                duplicate = index;
                return Answer::duplicate;
            }
            slot = (slot + 1) & (slots - 1);
        }
        table[slot] = index;
    }
    return Answer::unique;
}

}  // namespace sextant
