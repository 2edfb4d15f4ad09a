#ifndef SEXTANT_CBUILD_H
#define SEXTANT_CBUILD_H

/// The commit that the program was made of, with "+" where sources were changed since; empty where that is not known. The
/// package's manifest knows it.
const char *cbuild_commit(void);

#endif
