#ifndef CDUCKDB_TYPES_H
#define CDUCKDB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Names, layouts and values of DuckDB 1.5.5's C interface (src/include/duckdb.h), as far as they are used here.

typedef enum duckdb_type {
    DUCKDB_TYPE_INVALID = 0,
    DUCKDB_TYPE_BOOLEAN = 1,
    DUCKDB_TYPE_TINYINT = 2,
    DUCKDB_TYPE_SMALLINT = 3,
    DUCKDB_TYPE_INTEGER = 4,
    DUCKDB_TYPE_BIGINT = 5,
    DUCKDB_TYPE_UTINYINT = 6,
    DUCKDB_TYPE_USMALLINT = 7,
    DUCKDB_TYPE_UINTEGER = 8,
    DUCKDB_TYPE_UBIGINT = 9,
    DUCKDB_TYPE_FLOAT = 10,
    DUCKDB_TYPE_DOUBLE = 11,
    DUCKDB_TYPE_TIMESTAMP = 12,
    DUCKDB_TYPE_DATE = 13,
    DUCKDB_TYPE_TIME = 14,
    DUCKDB_TYPE_INTERVAL = 15,
    DUCKDB_TYPE_HUGEINT = 16,
    DUCKDB_TYPE_VARCHAR = 17,
    DUCKDB_TYPE_BLOB = 18,
    DUCKDB_TYPE_DECIMAL = 19,
    DUCKDB_TYPE_TIMESTAMP_S = 20,
    DUCKDB_TYPE_TIMESTAMP_MS = 21,
    DUCKDB_TYPE_TIMESTAMP_NS = 22,
    DUCKDB_TYPE_ENUM = 23,
    DUCKDB_TYPE_LIST = 24,
    DUCKDB_TYPE_STRUCT = 25,
    DUCKDB_TYPE_MAP = 26,
    DUCKDB_TYPE_UUID = 27,
    DUCKDB_TYPE_UNION = 28,
    DUCKDB_TYPE_BIT = 29,
    DUCKDB_TYPE_TIME_TZ = 30,
    DUCKDB_TYPE_TIMESTAMP_TZ = 31,
    DUCKDB_TYPE_UHUGEINT = 32,
    DUCKDB_TYPE_ARRAY = 33,
    DUCKDB_TYPE_ANY = 34,
    DUCKDB_TYPE_BIGNUM = 35,
    DUCKDB_TYPE_SQLNULL = 36,
    DUCKDB_TYPE_STRING_LITERAL = 37,
    DUCKDB_TYPE_INTEGER_LITERAL = 38,
    DUCKDB_TYPE_TIME_NS = 39,
    DUCKDB_TYPE_GEOMETRY = 40,
    DUCKDB_TYPE_VARIANT = 41
} duckdb_type;

typedef enum duckdb_state {
    DUCKDB_STATE_SUCCESS = 0,
    DUCKDB_STATE_ERROR = 1
} duckdb_state;

typedef enum duckdb_statement_type {
    DUCKDB_STATEMENT_TYPE_INVALID = 0,
    DUCKDB_STATEMENT_TYPE_SELECT = 1,
    DUCKDB_STATEMENT_TYPE_TRANSACTION = 10
} duckdb_statement_type;

typedef enum duckdb_pending_state {
    DUCKDB_PENDING_RESULT_READY = 0,
    DUCKDB_PENDING_RESULT_NOT_READY = 1,
    DUCKDB_PENDING_ERROR = 2,
    DUCKDB_PENDING_NO_TASKS_AVAILABLE = 3
} duckdb_pending_state;

typedef enum duckdb_error_type {
    DUCKDB_ERROR_INVALID = 0,
    DUCKDB_ERROR_OUT_OF_RANGE = 1,
    DUCKDB_ERROR_CONVERSION = 2,
    DUCKDB_ERROR_TRANSACTION = 10,
    DUCKDB_ERROR_NOT_IMPLEMENTED = 11,
    DUCKDB_ERROR_CATALOG = 13,
    DUCKDB_ERROR_PARSER = 14,
    DUCKDB_ERROR_CONSTRAINT = 18,
    DUCKDB_ERROR_CONNECTION = 21,
    DUCKDB_ERROR_SYNTAX = 22,
    DUCKDB_ERROR_BINDER = 24,
    DUCKDB_ERROR_IO = 28,
    DUCKDB_ERROR_INTERRUPT = 29,
    DUCKDB_ERROR_FATAL = 30,
    DUCKDB_ERROR_INTERNAL = 31,
    DUCKDB_ERROR_INVALID_INPUT = 32,
    DUCKDB_ERROR_OUT_OF_MEMORY = 33,
    DUCKDB_ERROR_PERMISSION = 34,
    DUCKDB_ERROR_DEPENDENCY = 37,
    DUCKDB_ERROR_HTTP = 38,
    DUCKDB_ERROR_MISSING_EXTENSION = 39,
    DUCKDB_ERROR_AUTOLOAD = 40
} duckdb_error_type;

/// Counts and indexes.
typedef uint64_t idx_t;

typedef struct {
    int32_t days;
} duckdb_date;

typedef struct {
    int64_t micros;
} duckdb_time;

typedef struct {
    int64_t nanos;
} duckdb_time_ns;

typedef struct {
    uint64_t bits;
} duckdb_time_tz;

typedef struct {
    int64_t micros;
} duckdb_timestamp;

typedef struct {
    int64_t seconds;
} duckdb_timestamp_s;

typedef struct {
    int64_t millis;
} duckdb_timestamp_ms;

typedef struct {
    int64_t nanos;
} duckdb_timestamp_ns;

typedef struct {
    int32_t months;
    int32_t days;
    int64_t micros;
} duckdb_interval;

typedef struct {
    uint64_t lower;
    int64_t upper;
} duckdb_hugeint;

typedef struct {
    uint64_t lower;
    uint64_t upper;
} duckdb_uhugeint;

typedef struct {
    uint8_t width;
    uint8_t scale;
    duckdb_hugeint value;
} duckdb_decimal;

typedef struct {
    uint8_t *data;
    idx_t size;
} duckdb_bit;

typedef struct {
    double percentage;
    uint64_t rows_processed;
    uint64_t total_rows_to_process;
} duckdb_query_progress_type;

typedef struct {
    uint64_t offset;
    uint64_t length;
} duckdb_list_entry;

typedef struct {
    idx_t deprecated_column_count;
    idx_t deprecated_row_count;
    idx_t deprecated_rows_changed;
    void *deprecated_columns;
    char *deprecated_error_message;
    void *internal_data;
} duckdb_result;

#define SEXTANT_DUCKDB_HANDLE(name) \
    typedef struct _##name {        \
        void *internal_ptr;         \
    } *name

SEXTANT_DUCKDB_HANDLE(duckdb_database);
SEXTANT_DUCKDB_HANDLE(duckdb_config);
SEXTANT_DUCKDB_HANDLE(duckdb_connection);
SEXTANT_DUCKDB_HANDLE(duckdb_extracted_statements);
SEXTANT_DUCKDB_HANDLE(duckdb_prepared_statement);
SEXTANT_DUCKDB_HANDLE(duckdb_pending_result);
SEXTANT_DUCKDB_HANDLE(duckdb_logical_type);
SEXTANT_DUCKDB_HANDLE(duckdb_value);
SEXTANT_DUCKDB_HANDLE(duckdb_data_chunk);
SEXTANT_DUCKDB_HANDLE(duckdb_vector);
SEXTANT_DUCKDB_HANDLE(duckdb_appender);
SEXTANT_DUCKDB_HANDLE(duckdb_error_data);

#undef SEXTANT_DUCKDB_HANDLE

#endif
