/* See resources.h.
 *
 * glibc keeps what was freed: it raises the size from which memory is mapped, and thus given back when
 * freed, whenever such a piece is freed, and each thread has a heap of its own. After one large report
 * the process would stay large for ever. So large pieces are always mapped, and heaps are few.
 *
 * SPDX-License-Identifier: MIT */
#include "collector/resources.h"
#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <string.h>
#include <sys/resource.h>

#define FILES_OTHER 256 /* database, logs, spool, maildir, listeners */
#define FILES_LOOK \
    160 /* of one look: three questions to each of 40 addresses of name servers, and 10 resolvers */
#define MAPPED_BYTES (256 << 10) /* from this size on, memory is mapped and given back */
#define HEAP_SLACK   (1 << 20)   /* free memory at a heap's end that is kept */
#define HEAPS        4

bool resources_prepare(const struct settings *settings, struct err *err)
{
    mallopt(M_MMAP_THRESHOLD, MAPPED_BYTES);
    mallopt(M_TRIM_THRESHOLD, HEAP_SLACK);
    mallopt(M_ARENA_MAX, HEAPS);

    rlim_t wanted = (rlim_t)(settings->collector.http.connections + settings->lmtp.connections
                             + settings->web.connections + FILES_OTHER);
    if (settings->check.enabled)
        wanted += (rlim_t)settings->check.parallel * FILES_LOOK;
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= wanted)
        return true;
    files.rlim_cur = files.rlim_max < wanted ? files.rlim_max : wanted;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0)
        return err_set(err, ERR_SETUP, "the limit of open files cannot be raised: %s",
                       strerror(errno));
    return files.rlim_cur >= wanted
           || err_set(err, ERR_SETUP,
                      "%" PRIu64 " open files are allowed (ulimit -Hn, LimitNOFILE=), and as many "
                      "connections as are set may need %" PRIu64,
                      (uint64_t)files.rlim_cur, (uint64_t)wanted);
}
