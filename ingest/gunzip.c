/* See gunzip.h. One inflater and one deflater per thread are kept and reset between uses: setting
 * them up costs more than inflating a usual report of 2 KB.
 *
 * Output grows with what really comes out, never ahead of it to the limit, so that a bomb costs
 * what the limit allows at most and a small report costs little.
 *
 * SPDX-License-Identifier: MIT
 * Before: mime.c. Next: field.c */
#include "ingest/gunzip.h"
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define TYPICAL_BYTES     2048
#define RATIO_FROM_BYTES  (INT64_C(1) << 20) /* below, no ratio is asked for */
#define CHUNK_BYTES       (1u << 30)         /* zlib counts in 32 bits */
#define GZIP_WINDOW       (MAX_WBITS + 16)   /* a gzip header and trailer, nothing else */
#define COMPRESSION_LEVEL 6

/* What a thread keeps. */
struct engines {
    z_stream inflater, deflater;
};

static pthread_key_t engines_key;
static pthread_once_t engines_once = PTHREAD_ONCE_INIT;

static void engines_free(void *thing)
{
    struct engines *engines = thing;
    inflateEnd(&engines->inflater);
    deflateEnd(&engines->deflater);
    free(engines);
}

static void engines_init(void)
{
    int failed = pthread_key_create(&engines_key, engines_free);
    assert(!failed);
}

static void *allocate(void *opaque, uInt count, uInt size)
{
    (void)opaque;
    return memory_new((size_t)count * size);
}

static void release(void *opaque, void *memory)
{
    (void)opaque;
    free(memory);
}

static struct engines *engines_of_thread(void)
{
    pthread_once(&engines_once, engines_init);
    struct engines *engines = pthread_getspecific(engines_key);
    if (engines)
        return engines;
    engines = memory_new(sizeof *engines);
    engines->inflater = (z_stream){ .zalloc = allocate, .zfree = release };
    engines->deflater = (z_stream){ .zalloc = allocate, .zfree = release };
    int failed = inflateInit2(&engines->inflater, GZIP_WINDOW);
    failed |= pthread_setspecific(engines_key, engines);
    assert(!failed); /* memory cannot be wanting: allocate() ends the program instead */
    return engines;
}

/* Made by the first use: it holds 256 KB, and most threads only inflate. */
static z_stream *deflater_of_thread(void)
{
    z_stream *zip = &engines_of_thread()->deflater;
    int failed = zip->state ? deflateReset(zip)
                            : deflateInit2(zip, COMPRESSION_LEVEL, Z_DEFLATED, GZIP_WINDOW, 8,
                                           Z_DEFAULT_STRATEGY);
    assert(!failed);
    return zip;
}

bool gunzip_fits(struct bytes bytes)
{
    return bytes.size >= 2 && memcmp(bytes.data, "\x1f\x8b", 2) == 0;
}

/* zlib's interface predates const for input. */
static Bytef *input_of(const char *data)
{
    union {
        const char *given;
        Bytef *taken;
    } pointer = { .given = data };
    return pointer.taken;
}

static uInt chunk_of(size_t size)
{
    return size < CHUNK_BYTES ? (uInt)size : CHUNK_BYTES;
}

/* How much text is allowed, and NAME, the setting that says so. */
static int64_t most_of(const struct arena *arena, struct bytes gzip, const struct limits *limits,
                       const char **name)
{
    int64_t by_ratio;
    if (__builtin_mul_overflow((int64_t)gzip.size, limits->inflate_ratio, &by_ratio))
        by_ratio = INT64_MAX;
    if (by_ratio < RATIO_FROM_BYTES)
        by_ratio = RATIO_FROM_BYTES;
    int64_t by_memory = limits->delivery_bytes - (int64_t)arena->bytes;
    int64_t most = limits->inflated_bytes;
    *name = "inflated_bytes";
    if (by_ratio < most) {
        most = by_ratio;
        *name = "inflate_ratio";
    }
    if (by_memory < most) {
        most = by_memory > 0 ? by_memory : 0;
        *name = "delivery_bytes";
    }
    return most;
}

/* The size that the trailer states (RFC 1952 section 2.3.1) is a good first guess, when it is
 * believable. */
static size_t first_guess(struct bytes gzip)
{
    if (gzip.size < 4)
        return TYPICAL_BYTES;
    const unsigned char *end = (const unsigned char *)gzip.data + gzip.size;
    size_t stated = end[-4] | (size_t)end[-3] << 8 | (size_t)end[-2] << 16 | (size_t)end[-1] << 24;
    return stated < gzip.size * 16 ? stated + 1 : TYPICAL_BYTES;
}

/* Inflates one member from *LEFT to the end of OUT, and takes it off *LEFT. OUT's maximum is one
 * more than what is allowed, so that "too much" shows. */
static bool inflate_member(z_stream *zip, struct bytes *left, struct buf *out, struct err *err)
{
    inflateReset(zip);
    for (;;) {
        size_t room = out->capacity > out->size + 1 ? out->capacity - out->size - 1 : out->size;
        if (room > out->max - out->size)
            room = out->max - out->size;
        if (room == 0)
            return true; /* full: the caller sees it by the size */
        zip->next_in = input_of(left->data);
        zip->avail_in = chunk_of(left->size);
        zip->next_out = (Bytef *)buf_room(out, room);
        zip->avail_out = chunk_of(room);
        const Bytef *out_from = zip->next_out;
        int status = inflate(zip, Z_NO_FLUSH);
        size_t taken = (size_t)((const char *)zip->next_in - left->data);
        *left = (struct bytes){ .data = left->data + taken, .size = left->size - taken };
        out->size += (size_t)(zip->next_out - out_from);
        if (status == Z_STREAM_END)
            return true;
        if (status != Z_OK && status != Z_BUF_ERROR)
            return err_set(err, ERR_INPUT, "gzip: damaged after %zu bytes of text: %s", out->size,
                           zip->msg ? zip->msg : "not gzip");
        if (left->size == 0 && zip->avail_out > 0)
            return err_set(err, ERR_INPUT, "gzip: cut short after %zu bytes of text", out->size);
    }
}

/* What is left begins a further member, if only with its first byte. */
static bool is_member(struct bytes left)
{
    return gunzip_fits(left) || (left.size == 1 && *left.data == '\x1f');
}

static bool is_padding(struct bytes left)
{
    for (size_t i = 0; i < left.size; i++)
        if (left.data[i])
            return false;
    return true;
}

bool gunzip(struct arena *arena, struct bytes gzip, const struct limits *limits, struct bytes *out,
            bool *trailing, struct err *err)
{
    const char *setting;
    int64_t most = most_of(arena, gzip, limits, &setting);
    CLEANUP(buf_done) struct buf text = BUF((size_t)most + 1);
    size_t guess = first_guess(gzip);
    buf_room(&text, guess < text.max ? guess : text.max);

    z_stream *zip = &engines_of_thread()->inflater;
    struct bytes left = gzip;
    do {
        if (!inflate_member(zip, &left, &text, err))
            return false;
        if (text.size > (size_t)most)
            return err_set(err, ERR_LIMIT,
                           "gzip: more than %" PRId64 " bytes of text out of %zu (limits.%s)", most,
                           gzip.size, setting);
    } while (is_member(left));

    text.data[text.size] = '\0';
    *trailing = !is_padding(left);
    *out = (struct bytes){ .data = text.data, .size = text.size };
    arena_keep(arena, text.data, text.capacity);
    text.data = NULL; /* the arena's now */
    return true;
}

struct bytes gunzip_reverse(struct arena *arena, struct bytes plain)
{
    z_stream *zip = deflater_of_thread();
    size_t room = deflateBound(zip, plain.size);
    char *out = arena_alloc(arena, room);
    size_t made = 0;
    for (int status = Z_OK; status != Z_STREAM_END;) {
        zip->next_in = input_of(plain.data);
        zip->avail_in = chunk_of(plain.size);
        zip->next_out = (Bytef *)out + made;
        zip->avail_out = chunk_of(room - made);
        status = deflate(zip, zip->avail_in == plain.size ? Z_FINISH : Z_NO_FLUSH);
        assert(status == Z_OK || status == Z_STREAM_END);
        size_t taken = (size_t)((const char *)zip->next_in - plain.data);
        plain = (struct bytes){ .data = plain.data + taken, .size = plain.size - taken };
        made = (size_t)((char *)zip->next_out - out);
    }
    return (struct bytes){ .data = out, .size = made };
}
