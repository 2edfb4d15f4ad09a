#include "CDuckDB.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

sextant_duckdb_functions sextant_duckdb_bound;

// Finds one function; dlsym's object pointer becomes a function pointer the way POSIX prescribes.
static bool bind(void *library, const char *name, void **address) {
    *address = dlsym(library, name);
    return *address != NULL;
}

// Binds every function in use; returns the name of the first that is missing, or NULL.
static const char *bind_all(void *library, sextant_duckdb_functions *functions) {
#define SEXTANT_DUCKDB_BIND(result, name, parameters, arguments) \
    if (!bind(library, #name, (void **)&functions->name)) return #name;
    SEXTANT_DUCKDB_FUNCTIONS(SEXTANT_DUCKDB_BIND)
#undef SEXTANT_DUCKDB_BIND
    return NULL;
}

sextant_duckdb_load_status sextant_duckdb_load(
    const char *engine_path, const char *stub_path, char *error, size_t capacity) {
    if (stub_path != NULL && dlopen(stub_path, RTLD_NOW | RTLD_GLOBAL) == NULL) {
        snprintf(error, capacity, "%s", dlerror());
        return SEXTANT_DUCKDB_NOT_OPENED;
    }
    void *library = dlopen(engine_path, RTLD_NOW | RTLD_LOCAL);
    if (library == NULL) {
        snprintf(error, capacity, "%s", dlerror());
        return SEXTANT_DUCKDB_NOT_OPENED;
    }

    // The version comes first: of two versions it says more than the name of a function that only one of them has.
    const char *(*library_version)(void) = NULL;
    if (!bind(library, "duckdb_library_version", (void **)&library_version)) {
        snprintf(error, capacity, "%s has no duckdb_library_version: it is not a DuckDB library", engine_path);
        dlclose(library);
        return SEXTANT_DUCKDB_SYMBOL_MISSING;
    }
    const char *version = library_version();
    if (version == NULL || strcmp(version, SEXTANT_DUCKDB_VERSION) != 0) {
        const char *found = version ? version : "without a version";
        snprintf(error, capacity, "%s is DuckDB %s, and %s is needed", engine_path, found, SEXTANT_DUCKDB_VERSION);
        dlclose(library);
        return SEXTANT_DUCKDB_WRONG_VERSION;
    }
    sextant_duckdb_functions functions;
    const char *missing = bind_all(library, &functions);
    if (missing != NULL) {
        snprintf(error, capacity, "%s is DuckDB %s, but lacks the function %s", engine_path, version, missing);
        dlclose(library);
        return SEXTANT_DUCKDB_SYMBOL_MISSING;
    }
    sextant_duckdb_bound = functions;
    return SEXTANT_DUCKDB_LOADED;
}
