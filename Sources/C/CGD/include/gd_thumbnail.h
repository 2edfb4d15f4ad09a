#ifndef SEXTANT_CGD_H
#define SEXTANT_CGD_H

#include <stddef.h>

/// How a picture is stored.
typedef enum { cgd_png = 0, cgd_jpeg = 1, cgd_gif = 2, cgd_webp = 3 } cgd_format;

/// A smaller PNG of a picture: at most so wide, and at most so high, what is below being left out. A picture that is no
/// wider keeps its width. NULL when the picture cannot be read or there is no memory. Blocks; freed by cgd_free.
/// The caller has checked how many pixels the picture has: all of them are held in memory.
void *cgd_thumbnail(
    const void *bytes, size_t length, cgd_format format, int maximum_width, int maximum_height, size_t *result_length);
void cgd_free(void *bytes);

#endif
