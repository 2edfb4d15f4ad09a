#ifndef CDUCKDB_H
#define CDUCKDB_H

// DuckDB's C API, bound at run time: the program links against no engine, it opens one with dlopen.
//
// CDuckDBTypes.h      the types and enumerators that cross the boundary
// CDuckDBFunctions.h  one inline function for each engine function in use, under the engine's own name

#include "CDuckDBTypes.h"
#include "CDuckDBFunctions.h"

/// The only engine version whose types and functions the headers describe, as `duckdb_library_version` spells it.
#define SEXTANT_DUCKDB_VERSION "v1.5.5"

/// What came of opening one engine library.
typedef enum sextant_duckdb_load_status {
    /// The engine is open and bound; the functions of CDuckDBFunctions.h may be called.
    SEXTANT_DUCKDB_LOADED = 0,
    /// dlopen refused the stub or the engine: absent, unreadable, or one of its own libraries is missing.
    SEXTANT_DUCKDB_NOT_OPENED = 1,
    /// The library lacks a function in use, so it is another version, or no DuckDB at all.
    SEXTANT_DUCKDB_SYMBOL_MISSING = 2,
    /// The library is a DuckDB, but not SEXTANT_DUCKDB_VERSION.
    SEXTANT_DUCKDB_WRONG_VERSION = 3
} sextant_duckdb_load_status;

/// Opens the engine library at `engine_path` (a path, or a bare name for the loader's search path) and binds every
/// function in use. `stub_path`, when not NULL, is opened first and globally: it defines symbols the engine refers to
/// and never reaches. On failure nothing is bound and `error` (of `capacity` bytes) names the library and the reason.
/// Not to be called by two threads at once, nor again after it returned SEXTANT_DUCKDB_LOADED.
sextant_duckdb_load_status sextant_duckdb_load(
    const char *engine_path, const char *stub_path, char *error, size_t capacity);

#endif
