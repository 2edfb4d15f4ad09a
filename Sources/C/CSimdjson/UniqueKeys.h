#ifndef UNIQUE_KEYS_H
#define UNIQUE_KEYS_H

#include "CSimdjson.h"

namespace sextant {

/// Finds a key that stands twice in one object: by comparing pairs when there are few, through a table when there are many.
class UniqueKeys {
public:
    UniqueKeys();
    ~UniqueKeys();
    UniqueKeys(const UniqueKeys &) = delete;
    UniqueKeys &operator=(const UniqueKeys &) = delete;

    enum class Answer { unique, duplicate, out_of_memory };

    /// `object` is the index of a closed object; `duplicate` receives the index of the second bearer of a key.
    Answer check(
        const csimdjson_node *nodes, uint32_t object, const uint8_t *source, const uint8_t *arena, uint32_t arena_base,
        uint32_t &duplicate);

    /// Lets go of a table that one large document made grow.
    void trim();

private:
    uint32_t *table = nullptr;
    size_t capacity = 0;
    /// Random, so that keys cannot be chosen to collide.
    uint64_t seed;

    bool reserve(size_t slots);
    uint64_t hash(const uint8_t *bytes, uint32_t length) const;
};

}  // namespace sextant

#endif
