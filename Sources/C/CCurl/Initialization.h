#ifndef SEXTANT_CCURL_INITIALIZATION_H
#define SEXTANT_CCURL_INITIALIZATION_H

/// Sets libcurl up, once in the life of the process. 0 when that failed.
int ccurl_initialize(void);

#endif
