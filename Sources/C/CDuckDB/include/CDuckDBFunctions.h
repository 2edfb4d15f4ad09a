#ifndef CDUCKDB_FUNCTIONS_H
#define CDUCKDB_FUNCTIONS_H

#include "CDuckDBTypes.h"

// Every engine function in use, once: result, name, parameters, arguments. The table, the inline functions below and
// the loader in CDuckDB.c are all made from this list, so that a function cannot be declared and left unbound.
#define SEXTANT_DUCKDB_FUNCTIONS(X) \
    X(const char *, duckdb_library_version, (void), ()) \
    X(void, duckdb_free, (void *ptr), (ptr)) \
    X(idx_t, duckdb_vector_size, (void), ()) \
    X(duckdb_error_data, duckdb_valid_utf8_check, (const char *str, idx_t len), (str, len)) \
    X(duckdb_state, duckdb_create_config, (duckdb_config *out_config), (out_config)) \
    X(duckdb_state, duckdb_set_config, \
        (duckdb_config config, const char *name, const char *option), \
        (config, name, option)) \
    X(void, duckdb_destroy_config, (duckdb_config *config), (config)) \
    X(duckdb_state, duckdb_open_ext, \
        (const char *path, duckdb_database *out_database, duckdb_config config, char **out_error), \
        (path, out_database, config, out_error)) \
    X(void, duckdb_close, (duckdb_database *database), (database)) \
    X(duckdb_state, duckdb_connect, \
        (duckdb_database database, duckdb_connection *out_connection), \
        (database, out_connection)) \
    X(void, duckdb_disconnect, (duckdb_connection *connection), (connection)) \
    X(void, duckdb_interrupt, (duckdb_connection connection), (connection)) \
    X(duckdb_query_progress_type, duckdb_query_progress, (duckdb_connection connection), (connection)) \
    X(idx_t, duckdb_extract_statements, \
        (duckdb_connection connection, const char *query, duckdb_extracted_statements *out_extracted_statements), \
        (connection, query, out_extracted_statements)) \
    X(const char *, duckdb_extract_statements_error, \
        (duckdb_extracted_statements extracted_statements), \
        (extracted_statements)) \
    X(duckdb_state, duckdb_prepare_extracted_statement, \
        (duckdb_connection connection, duckdb_extracted_statements extracted_statements, idx_t index, \
         duckdb_prepared_statement *out_prepared_statement), \
        (connection, extracted_statements, index, out_prepared_statement)) \
    X(void, duckdb_destroy_extracted, (duckdb_extracted_statements *extracted_statements), (extracted_statements)) \
    X(duckdb_state, duckdb_prepare, \
        (duckdb_connection connection, const char *query, duckdb_prepared_statement *out_prepared_statement), \
        (connection, query, out_prepared_statement)) \
    X(const char *, duckdb_prepare_error, (duckdb_prepared_statement prepared_statement), (prepared_statement)) \
    X(void, duckdb_destroy_prepare, (duckdb_prepared_statement *prepared_statement), (prepared_statement)) \
    X(idx_t, duckdb_nparams, (duckdb_prepared_statement prepared_statement), (prepared_statement)) \
    X(duckdb_statement_type, duckdb_prepared_statement_type, (duckdb_prepared_statement statement), (statement)) \
    X(duckdb_state, duckdb_clear_bindings, (duckdb_prepared_statement prepared_statement), (prepared_statement)) \
    X(duckdb_state, duckdb_bind_boolean, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, bool val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_bind_int64, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, int64_t val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_bind_uint64, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, uint64_t val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_bind_double, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, double val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_bind_timestamp, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, duckdb_timestamp val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_bind_varchar_length, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, const char *val, idx_t length), \
        (prepared_statement, param_idx, val, length)) \
    X(duckdb_state, duckdb_bind_blob, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, const void *data, idx_t length), \
        (prepared_statement, param_idx, data, length)) \
    X(duckdb_state, duckdb_bind_null, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx), \
        (prepared_statement, param_idx)) \
    X(duckdb_state, duckdb_bind_value, \
        (duckdb_prepared_statement prepared_statement, idx_t param_idx, duckdb_value val), \
        (prepared_statement, param_idx, val)) \
    X(duckdb_state, duckdb_pending_prepared, \
        (duckdb_prepared_statement prepared_statement, duckdb_pending_result *out_result), \
        (prepared_statement, out_result)) \
    X(duckdb_state, duckdb_pending_prepared_streaming, \
        (duckdb_prepared_statement prepared_statement, duckdb_pending_result *out_result), \
        (prepared_statement, out_result)) \
    X(const char *, duckdb_pending_error, (duckdb_pending_result pending_result), (pending_result)) \
    X(duckdb_pending_state, duckdb_pending_execute_task, (duckdb_pending_result pending_result), (pending_result)) \
    X(duckdb_state, duckdb_execute_pending, \
        (duckdb_pending_result pending_result, duckdb_result *out_result), \
        (pending_result, out_result)) \
    X(void, duckdb_destroy_pending, (duckdb_pending_result *pending_result), (pending_result)) \
    X(const char *, duckdb_result_error, (duckdb_result *result), (result)) \
    X(duckdb_error_type, duckdb_result_error_type, (duckdb_result *result), (result)) \
    X(void, duckdb_destroy_result, (duckdb_result *result), (result)) \
    X(idx_t, duckdb_rows_changed, (duckdb_result *result), (result)) \
    X(idx_t, duckdb_column_count, (duckdb_result *result), (result)) \
    X(const char *, duckdb_column_name, (duckdb_result *result, idx_t col), (result, col)) \
    X(duckdb_logical_type, duckdb_column_logical_type, (duckdb_result *result, idx_t col), (result, col)) \
    X(duckdb_data_chunk, duckdb_fetch_chunk, (duckdb_result result), (result)) \
    X(duckdb_type, duckdb_get_type_id, (duckdb_logical_type type), (type)) \
    X(duckdb_logical_type, duckdb_create_logical_type, (duckdb_type type), (type)) \
    X(void, duckdb_destroy_logical_type, (duckdb_logical_type *type), (type)) \
    X(char *, duckdb_logical_type_get_alias, (duckdb_logical_type type), (type)) \
    X(uint8_t, duckdb_decimal_width, (duckdb_logical_type type), (type)) \
    X(uint8_t, duckdb_decimal_scale, (duckdb_logical_type type), (type)) \
    X(duckdb_type, duckdb_decimal_internal_type, (duckdb_logical_type type), (type)) \
    X(duckdb_type, duckdb_enum_internal_type, (duckdb_logical_type type), (type)) \
    X(uint32_t, duckdb_enum_dictionary_size, (duckdb_logical_type type), (type)) \
    X(char *, duckdb_enum_dictionary_value, (duckdb_logical_type type, idx_t index), (type, index)) \
    X(duckdb_logical_type, duckdb_list_type_child_type, (duckdb_logical_type type), (type)) \
    X(duckdb_logical_type, duckdb_array_type_child_type, (duckdb_logical_type type), (type)) \
    X(idx_t, duckdb_array_type_array_size, (duckdb_logical_type type), (type)) \
    X(duckdb_logical_type, duckdb_map_type_key_type, (duckdb_logical_type type), (type)) \
    X(duckdb_logical_type, duckdb_map_type_value_type, (duckdb_logical_type type), (type)) \
    X(idx_t, duckdb_struct_type_child_count, (duckdb_logical_type type), (type)) \
    X(char *, duckdb_struct_type_child_name, (duckdb_logical_type type, idx_t index), (type, index)) \
    X(duckdb_logical_type, duckdb_struct_type_child_type, (duckdb_logical_type type, idx_t index), (type, index)) \
    X(idx_t, duckdb_union_type_member_count, (duckdb_logical_type type), (type)) \
    X(char *, duckdb_union_type_member_name, (duckdb_logical_type type, idx_t index), (type, index)) \
    X(duckdb_logical_type, duckdb_union_type_member_type, (duckdb_logical_type type, idx_t index), (type, index)) \
    X(duckdb_data_chunk, duckdb_create_data_chunk, \
        (duckdb_logical_type *types, idx_t column_count), \
        (types, column_count)) \
    X(void, duckdb_destroy_data_chunk, (duckdb_data_chunk *chunk), (chunk)) \
    X(void, duckdb_data_chunk_reset, (duckdb_data_chunk chunk), (chunk)) \
    X(duckdb_vector, duckdb_data_chunk_get_vector, (duckdb_data_chunk chunk, idx_t col_idx), (chunk, col_idx)) \
    X(idx_t, duckdb_data_chunk_get_size, (duckdb_data_chunk chunk), (chunk)) \
    X(void, duckdb_data_chunk_set_size, (duckdb_data_chunk chunk, idx_t size), (chunk, size)) \
    X(duckdb_logical_type, duckdb_vector_get_column_type, (duckdb_vector vector), (vector)) \
    X(void *, duckdb_vector_get_data, (duckdb_vector vector), (vector)) \
    X(uint64_t *, duckdb_vector_get_validity, (duckdb_vector vector), (vector)) \
    X(void, duckdb_vector_ensure_validity_writable, (duckdb_vector vector), (vector)) \
    X(void, duckdb_unsafe_vector_assign_string_element_len, \
        (duckdb_vector vector, idx_t index, const char *str, idx_t str_len), \
        (vector, index, str, str_len)) \
    X(duckdb_vector, duckdb_list_vector_get_child, (duckdb_vector vector), (vector)) \
    X(idx_t, duckdb_list_vector_get_size, (duckdb_vector vector), (vector)) \
    X(duckdb_state, duckdb_list_vector_set_size, (duckdb_vector vector, idx_t size), (vector, size)) \
    X(duckdb_state, duckdb_list_vector_reserve, \
        (duckdb_vector vector, idx_t required_capacity), \
        (vector, required_capacity)) \
    X(duckdb_vector, duckdb_struct_vector_get_child, (duckdb_vector vector, idx_t index), (vector, index)) \
    X(duckdb_vector, duckdb_array_vector_get_child, (duckdb_vector vector), (vector)) \
    X(duckdb_value, duckdb_create_bool, (bool input), (input)) \
    X(duckdb_value, duckdb_create_int8, (int8_t input), (input)) \
    X(duckdb_value, duckdb_create_int16, (int16_t input), (input)) \
    X(duckdb_value, duckdb_create_int32, (int32_t input), (input)) \
    X(duckdb_value, duckdb_create_int64, (int64_t val), (val)) \
    X(duckdb_value, duckdb_create_uint8, (uint8_t input), (input)) \
    X(duckdb_value, duckdb_create_uint16, (uint16_t input), (input)) \
    X(duckdb_value, duckdb_create_uint32, (uint32_t input), (input)) \
    X(duckdb_value, duckdb_create_uint64, (uint64_t input), (input)) \
    X(duckdb_value, duckdb_create_hugeint, (duckdb_hugeint input), (input)) \
    X(duckdb_value, duckdb_create_uhugeint, (duckdb_uhugeint input), (input)) \
    X(duckdb_value, duckdb_create_float, (float input), (input)) \
    X(duckdb_value, duckdb_create_double, (double input), (input)) \
    X(duckdb_value, duckdb_create_decimal, (duckdb_decimal input), (input)) \
    X(duckdb_value, duckdb_create_date, (duckdb_date input), (input)) \
    X(duckdb_value, duckdb_create_time, (duckdb_time input), (input)) \
    X(duckdb_value, duckdb_create_time_ns, (duckdb_time_ns input), (input)) \
    X(duckdb_value, duckdb_create_time_tz_value, (duckdb_time_tz value), (value)) \
    X(duckdb_value, duckdb_create_timestamp, (duckdb_timestamp input), (input)) \
    X(duckdb_value, duckdb_create_timestamp_tz, (duckdb_timestamp input), (input)) \
    X(duckdb_value, duckdb_create_timestamp_s, (duckdb_timestamp_s input), (input)) \
    X(duckdb_value, duckdb_create_timestamp_ms, (duckdb_timestamp_ms input), (input)) \
    X(duckdb_value, duckdb_create_timestamp_ns, (duckdb_timestamp_ns input), (input)) \
    X(duckdb_value, duckdb_create_interval, (duckdb_interval input), (input)) \
    X(duckdb_value, duckdb_create_blob, (const uint8_t *data, idx_t length), (data, length)) \
    X(duckdb_value, duckdb_create_bit, (duckdb_bit input), (input)) \
    X(duckdb_value, duckdb_create_uuid, (duckdb_uhugeint input), (input)) \
    X(duckdb_value, duckdb_create_varchar_length, (const char *text, idx_t length), (text, length)) \
    X(duckdb_value, duckdb_create_list_value, \
        (duckdb_logical_type type, duckdb_value *values, idx_t value_count), \
        (type, values, value_count)) \
    X(duckdb_value, duckdb_create_array_value, \
        (duckdb_logical_type type, duckdb_value *values, idx_t value_count), \
        (type, values, value_count)) \
    X(duckdb_value, duckdb_create_struct_value, (duckdb_logical_type type, duckdb_value *values), (type, values)) \
    X(duckdb_value, duckdb_create_map_value, \
        (duckdb_logical_type map_type, duckdb_value *keys, duckdb_value *values, idx_t entry_count), \
        (map_type, keys, values, entry_count)) \
    X(duckdb_value, duckdb_create_union_value, \
        (duckdb_logical_type union_type, idx_t tag_index, duckdb_value value), \
        (union_type, tag_index, value)) \
    X(duckdb_value, duckdb_create_enum_value, (duckdb_logical_type type, uint64_t value), (type, value)) \
    X(duckdb_value, duckdb_create_null_value, (void), ()) \
    X(bool, duckdb_is_null_value, (duckdb_value value), (value)) \
    X(void, duckdb_destroy_value, (duckdb_value *value), (value)) \
    X(char *, duckdb_get_varchar, (duckdb_value value), (value)) \
    X(duckdb_state, duckdb_appender_create_ext, \
        (duckdb_connection connection, const char *catalog, const char *schema, const char *table, \
         duckdb_appender *out_appender), \
        (connection, catalog, schema, table, out_appender)) \
    X(idx_t, duckdb_appender_column_count, (duckdb_appender appender), (appender)) \
    X(duckdb_logical_type, duckdb_appender_column_type, \
        (duckdb_appender appender, idx_t col_idx), \
        (appender, col_idx)) \
    X(duckdb_error_data, duckdb_appender_error_data, (duckdb_appender appender), (appender)) \
    X(duckdb_state, duckdb_appender_flush, (duckdb_appender appender), (appender)) \
    X(duckdb_state, duckdb_appender_clear, (duckdb_appender appender), (appender)) \
    X(duckdb_state, duckdb_appender_destroy, (duckdb_appender *appender), (appender)) \
    X(duckdb_state, duckdb_appender_end_row, (duckdb_appender appender), (appender)) \
    X(duckdb_state, duckdb_append_bool, (duckdb_appender appender, bool value), (appender, value)) \
    X(duckdb_state, duckdb_append_int64, (duckdb_appender appender, int64_t value), (appender, value)) \
    X(duckdb_state, duckdb_append_uint64, (duckdb_appender appender, uint64_t value), (appender, value)) \
    X(duckdb_state, duckdb_append_double, (duckdb_appender appender, double value), (appender, value)) \
    X(duckdb_state, duckdb_append_timestamp, (duckdb_appender appender, duckdb_timestamp value), (appender, value)) \
    X(duckdb_state, duckdb_append_varchar_length, \
        (duckdb_appender appender, const char *val, idx_t length), \
        (appender, val, length)) \
    X(duckdb_state, duckdb_append_blob, \
        (duckdb_appender appender, const void *data, idx_t length), \
        (appender, data, length)) \
    X(duckdb_state, duckdb_append_null, (duckdb_appender appender), (appender)) \
    X(duckdb_state, duckdb_append_value, (duckdb_appender appender, duckdb_value value), (appender, value)) \
    X(duckdb_state, duckdb_append_data_chunk, \
        (duckdb_appender appender, duckdb_data_chunk chunk), \
        (appender, chunk)) \
    X(void, duckdb_destroy_error_data, (duckdb_error_data *error_data), (error_data)) \
    X(duckdb_error_type, duckdb_error_data_error_type, (duckdb_error_data error_data), (error_data)) \
    X(const char *, duckdb_error_data_message, (duckdb_error_data error_data), (error_data))

/// The addresses of the engine's functions; all NULL until sextant_duckdb_load has succeeded.
typedef struct sextant_duckdb_functions {
#define SEXTANT_DUCKDB_MEMBER(result, name, parameters, arguments) result(*name) parameters;
    SEXTANT_DUCKDB_FUNCTIONS(SEXTANT_DUCKDB_MEMBER)
#undef SEXTANT_DUCKDB_MEMBER
} sextant_duckdb_functions;

extern sextant_duckdb_functions sextant_duckdb_bound;

#define SEXTANT_DUCKDB_WRAPPER(result, name, parameters, arguments) \
    static inline result name parameters {                          \
        return sextant_duckdb_bound.name arguments;                 \
    }
SEXTANT_DUCKDB_FUNCTIONS(SEXTANT_DUCKDB_WRAPPER)
#undef SEXTANT_DUCKDB_WRAPPER

#endif
