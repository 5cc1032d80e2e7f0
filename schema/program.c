/* See program.h.
 * SPDX-License-Identifier: MIT */
#include "schema/program.h"
#include "base/clock.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void program_pause(int milliseconds)
{
    nanosleep(&(struct timespec){ .tv_nsec = milliseconds * 1000000L }, NULL);
}

void program_close(const int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Between fork and exec: async-signal-safe calls only, since other threads may hold locks. */
static void program_become(const struct program *program, pid_t parent)
{
    static const int signals[] = { SIGINT,  SIGTERM, SIGQUIT, SIGHUP,
                                   SIGPIPE, SIGCHLD, SIGUSR1, SIGUSR2 };
    for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
        signal(signals[i], SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (program->group)
        setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, program->death_signal);
    if (getppid() != parent) /* it died before the line above */
        _exit(127);
    if (chdir(program->directory) != 0) /* ours may be closed to us: a shell of root's, for one */
        _exit(127);
    dup2(program->input, STDIN_FILENO);
    dup2(program->output, STDOUT_FILENO);
    dup2(program->errors >= 0 ? program->errors : program->output, STDERR_FILENO);
    execvp(program->argv[0], program->argv);
    _exit(127);
}

bool program_start(const struct program *program, pid_t *out, struct err *err)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid < 0)
        return err_set(err, ERR_AGAIN, "cannot start %s: %s", program->argv[0], strerror(errno));
    if (pid == 0)
        program_become(program, parent);
    *out = pid;
    return true;
}

bool program_ended(pid_t pid, int milliseconds)
{
    int64_t deadline = clock_monotonic_ms() + milliseconds;
    int status;
    for (;;) {
        pid_t ended = waitpid(pid, &status, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return true;
        if (clock_monotonic_ms() >= deadline)
            return false;
        program_pause(10);
    }
}

bool program_run(const struct program *program, struct err *err)
{
    pid_t pid;
    int status = -1;
    if (!program_start(program, &pid, err))
        return false;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return true;
    return err_set(err, ERR_SETUP, "%s failed", program->argv[0]);
}

char *program_line(struct arena *arena, char **argv)
{
    int ends[2];
    CLEANUP(program_close) int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (null < 0 || pipe2(ends, O_CLOEXEC) != 0)
        return NULL;
    struct err ignored = { 0 };
    struct program program = { .argv = argv,
                               .directory = "/",
                               .input = null,
                               .output = ends[1],
                               .errors = null,
                               .death_signal = SIGKILL };
    bool ran = program_run(&program, &ignored); /* a line fits into the pipe */
    close(ends[1]);
    char text[1024];
    ssize_t size = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    if (!ran || size <= 0)
        return NULL;
    text[size] = '\0';
    return arena_copy(arena, text, strcspn(text, "\n"));
}
