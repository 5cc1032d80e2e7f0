/* See sandbox.h. A list of allowed system calls is left to systemd (SystemCallFilter=), which keeps
 * one for services in general: ours would have to follow what five libraries and a private
 * PostgreSQL use.
 *
 * SPDX-License-Identifier: MIT
 * Before: service.c. Next: cmd_serve.c */
#include "collector/sandbox.h"
#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The bounding set limits what a program that is started may gain. It cannot be made smaller
 * without a privilege, and without that there is nothing to gain. */
static void drop_bounding_set(void)
{
    for (unsigned long capability = 0; capability <= CAP_LAST_CAP; capability++)
        if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) != 0)
            return;
}

bool sandbox_enter(struct err *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = { 0 };
    drop_bounding_set();
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 && errno != EINVAL)
        return err_set(err, ERR_SETUP, "cannot clear ambient capabilities: %s", strerror(errno));
    if (syscall(SYS_capset, &header, none) != 0)
        return err_set(err, ERR_SETUP, "cannot give up capabilities: %s", strerror(errno));
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        return err_set(err, ERR_SETUP, "cannot set no_new_privs: %s", strerror(errno));
    return true;
}
