#include "gd_thumbnail.h"

#include <gd.h>
#include <limits.h>
#include <stdarg.h>

/// The library would write what it finds wrong with a picture to the server's standard error.
static void keep_quiet(int priority, const char *format, va_list arguments) {
    (void)priority;
    (void)format;
    (void)arguments;
}

static gdImagePtr read_picture(int length, void *bytes, cgd_format format) {
    switch (format) {
    case cgd_png: return gdImageCreateFromPngPtr(length, bytes);
    case cgd_jpeg: return gdImageCreateFromJpegPtr(length, bytes);
    case cgd_gif: return gdImageCreateFromGifPtr(length, bytes);
    case cgd_webp: return gdImageCreateFromWebpPtr(length, bytes);
    }
    return NULL;
}

void *cgd_thumbnail(
    const void *bytes, size_t length, cgd_format format, int maximum_width, int maximum_height, size_t *result_length
) {
    if (length > INT_MAX) return NULL;
    gdSetErrorMethod(keep_quiet);
    gdImagePtr picture = read_picture((int)length, (void *)bytes, format);
    if (picture == NULL) return NULL;
    int width = gdImageSX(picture), height = gdImageSY(picture);
    int new_width = width < maximum_width ? width : maximum_width;
    long long scaled = (long long)height * new_width / width;
    int new_height = scaled < 1 ? 1 : scaled > maximum_height ? maximum_height : (int)scaled;
    // What of the original fits into the height.
    long long shown = (long long)new_height * width / new_width;
    if (shown > height || new_height < maximum_height) shown = height;
    gdImagePtr small = gdImageCreateTrueColor(new_width, new_height);
    void *result = NULL;
    int result_size = 0;
    if (small != NULL) {
        gdImageAlphaBlending(small, 0);
        gdImageSaveAlpha(small, 1);
        gdImageFilledRectangle(small, 0, 0, new_width - 1, new_height - 1, gdTrueColorAlpha(0, 0, 0, gdAlphaTransparent));
        gdImageCopyResampled(small, picture, 0, 0, 0, 0, new_width, new_height, width, (int)shown);
        result = gdImagePngPtr(small, &result_size);
        gdImageDestroy(small);
    }
    gdImageDestroy(picture);
    *result_length = result == NULL ? 0 : (size_t)result_size;
    return result;
}

void cgd_free(void *bytes) { gdFree(bytes); }
