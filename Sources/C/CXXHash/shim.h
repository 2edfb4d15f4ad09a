// Shows the state's layout, so that it can live on the stack.
#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>
