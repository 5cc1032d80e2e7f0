/* The settings file.
 * SPDX-License-Identifier: MIT */
#include "collector/settings.h"
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    /* include() would read other files, and ${…} the environment: neither is the parser's fault. */
    for (size_t i = 0; i + 7 <= size; i++)
        if (data[i] == 'i' && data[i + 1] == 'n' && data[i + 2] == 'c')
            return 0;
    char path[64];
    int fd = memfd_create("settings", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        __builtin_trap();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct settings settings;
    struct err err = { 0 };
    if (settings_read(path, NULL, &settings, &err)) {
        CLEANUP(buf_done) struct buf out = BUF(1 << 22);
        settings_dump(&settings, true, &out);
    }
    settings_free(&settings);
    close(fd);
    return 0;
}
