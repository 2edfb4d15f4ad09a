#include <maxminddb.h>
#include <netinet/in.h>
#include <string.h>

// Swift sees neither functions with variable arguments nor what lies in the library's unions.

/// Looks for an address.
/// - address: 16 bytes; of an address of version 4 the last four count.
/// - result: the entry, where there is one.
/// Returns one of the library's errors, MMDB_SUCCESS too when nothing is known of the address.
static inline int cmaxminddb_find(
    const MMDB_s *database, const uint8_t *address, bool is_version_4, MMDB_lookup_result_s *result
) {
    int error = MMDB_SUCCESS;
    if (is_version_4) {
        struct sockaddr_in socket_address = {.sin_family = AF_INET};
        memcpy(&socket_address.sin_addr, address + 12, 4);
        *result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&socket_address, &error);
    } else {
        struct sockaddr_in6 socket_address = {.sin6_family = AF_INET6};
        memcpy(&socket_address.sin6_addr, address, 16);
        *result = MMDB_lookup_sockaddr(database, (const struct sockaddr *)&socket_address, &error);
    }
    return error;
}

/// Reads a text of an entry: its bytes, which no zero ends; NULL where there is none.
/// - path: names of members and numbers of elements, ended by NULL.
static inline int cmaxminddb_text(
    MMDB_entry_s *entry, const char *const *path, const char **bytes, uint32_t *count
) {
    MMDB_entry_data_s data;
    *bytes = NULL;
    *count = 0;
    int error = MMDB_aget_value(entry, &data, path);
    if (error == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) return MMDB_SUCCESS;
    if (error != MMDB_SUCCESS || !data.has_data || data.type != MMDB_DATA_TYPE_UTF8_STRING) return error;
    *bytes = data.utf8_string;
    *count = data.data_size;
    return error;
}

/// Reads a number of an entry; it stays as it was where there is none.
static inline int cmaxminddb_number(MMDB_entry_s *entry, const char *const *path, double *number) {
    MMDB_entry_data_s data;
    int error = MMDB_aget_value(entry, &data, path);
    if (error == MMDB_LOOKUP_PATH_DOES_NOT_MATCH_DATA_ERROR) return MMDB_SUCCESS;
    if (error != MMDB_SUCCESS || !data.has_data) return error;
    if (data.type == MMDB_DATA_TYPE_DOUBLE) *number = data.double_value;
    if (data.type == MMDB_DATA_TYPE_FLOAT) *number = data.float_value;
    return error;
}
