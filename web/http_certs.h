/* Certificates by host name, out of a directory as certbot keeps it: HOST/fullchain.pem and
 * HOST/privkey.pem, or HOST.pem and HOST.key; for mta-sts.DOMAIN also the same under the name DOMAIN
 * (a certificate that names both, or a wildcard).
 *
 * A file is read when somebody first asks for its host, so that a million of them cost nothing at the
 * start; the last thousand that were asked for are kept. Files that change are read again by
 * themselves; while a change is half done, or faulty, the certificate that was there stays.
 *
 * SPDX-License-Identifier: MIT
 * Before: http_tls.h. Next: http.h */
#pragma once

#include "base/err.h"
#include "base/shared.h"

struct http_tls;
struct http_certs; /* a struct shared; any thread */

/* Of DIRECTORY ("": there are none). TOLD hears, once for each state of the files, of certificates that
 * cannot be used; NULL: nobody does. */
struct http_certs *http_certs_new(const char *directory,
                                  void (*told)(const char *host, const struct err *err));

/* The certificate for HOST (canonical), to be released with shared_release(); NULL: there is none that
 * fits this name and can be used. */
const struct http_tls *http_certs_find(const struct http_certs *certs, const char *host);
