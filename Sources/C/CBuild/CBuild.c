#include "CBuild.h"

#define TEXT_OF(name) #name
#define TEXT(name) TEXT_OF(name)

const char *cbuild_commit(void) {
#ifdef SEXTANT_COMMIT
#ifdef SEXTANT_COMMIT_IS_CHANGED
    return TEXT(SEXTANT_COMMIT) "+";
#else
    return TEXT(SEXTANT_COMMIT);
#endif
#else
    return "";
#endif
}
