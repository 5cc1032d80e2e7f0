/* See http_pem.h.
 * SPDX-License-Identifier: MIT */
#include "web/http_pem.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PEM_BYTES (1 << 20)

/* A PEM file, in the arena; WHAT is "certificate" or "key". */
static bool read_pem(struct arena *arena, const char *what, const char *path, char **out,
                     struct err *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_SETUP, "the %s %s cannot be read: %s", what, path, strerror(errno));
    char *text = arena_alloc(arena, PEM_BYTES + 1);
    size_t size = 0;
    ssize_t got = 0;
    while (size < PEM_BYTES && (got = read(fd, text + size, PEM_BYTES - size)) > 0)
        size += (size_t)got;
    int why = errno;
    close(fd);
    if (got < 0)
        return err_set(err, ERR_SETUP, "the %s %s cannot be read: %s", what, path, strerror(why));
    if (!strstr(text, "-----BEGIN "))
        return err_set(err, ERR_SETUP, "the %s %s is not a PEM file", what, path);
    *out = text;
    return true;
}

static void forget_pem(void *text)
{
    explicit_bzero(text, PEM_BYTES);
}

bool http_pem_read(struct arena *arena, const char *certificate, const char *key,
                   struct http_pem *out, struct err *err)
{
    bool have_certificate = certificate && *certificate;
    bool have_key = key && *key;
    if (have_certificate != have_key)
        return err_set(err, ERR_SETUP,
                       "a certificate needs its key and a key its certificate: only the %s is set",
                       have_key ? "key" : "certificate");
    if (!have_certificate)
        return true;
    struct http_pem pem;
    if (!read_pem(arena, "certificate", certificate, &pem.certificate, err)
        || !read_pem(arena, "key", key, &pem.key, err))
        return false;
    arena_on_free(arena, forget_pem, pem.key);
    *out = pem;
    return true;
}
