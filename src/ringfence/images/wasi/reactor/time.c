/* Clocks and waiting, as wasi-libc does not have them.
 *
 * Its clock_nanosleep makes ENOTSUP of every error, and its pthread_cond_wait traps, because without a
 * second thread nobody could end it. Here the host can. Its clock() tells the time of day, and a clock
 * that does not exist is memory that it reads.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

#include "host.h"
#include "interrupt.h"

#define SECOND 1000000000LL

static struct timespec to_timespec(int64_t time) {
    return (struct timespec){.tv_sec = time / SECOND, .tv_nsec = (long)(time % SECOND)};
}

static int find_clock(clockid_t id, int32_t *clock) {
    if (id != CLOCK_REALTIME && id != CLOCK_MONOTONIC) return EINVAL;
    *clock = id == CLOCK_REALTIME ? HOST_REALTIME : HOST_MONOTONIC;
    return 0;
}

int clock_gettime(clockid_t id, struct timespec *now) {
    int32_t clock;
    errno = find_clock(id, &clock);
    if (errno) return -1;
    *now = to_timespec(host_clock(clock));
    return 0;
}

int clock_getres(clockid_t id, struct timespec *resolution) {
    int32_t clock;
    errno = find_clock(id, &clock);
    if (errno) return -1;
    if (resolution != NULL) *resolution = to_timespec(1);
    return 0;
}

/* In nanoseconds, as CLOCKS_PER_SEC says. getrusage() uses the first of the two. */
clock_t __clock(void) { return host_clock(HOST_PROCESSOR); }
clock_t clock(void) { return __clock(); }

/* In ticks, as sysconf(_SC_CLK_TCK) says. */
clock_t times(struct tms *used) {
    int64_t tick = SECOND / sysconf(_SC_CLK_TCK);
    *used = (struct tms){.tms_utime = __clock() / tick};
    return host_clock(HOST_MONOTONIC) / tick;
}

int clock_nanosleep(clockid_t id, int flags, const struct timespec *wanted,
                    struct timespec *remaining) {
    if (wanted->tv_sec < 0 || wanted->tv_nsec < 0 || wanted->tv_nsec >= SECOND) return EINVAL;
    int32_t clock;
    if (find_clock(id, &clock)) return EINVAL;
    int64_t end;
    if (__builtin_mul_overflow((int64_t)wanted->tv_sec, SECOND, &end) ||
        __builtin_add_overflow(end, wanted->tv_nsec, &end))
        end = INT64_MAX;
    if (!(flags & TIMER_ABSTIME) && __builtin_add_overflow(end, host_clock(clock), &end))
        end = INT64_MAX;
    while (1) {
        int64_t left = end - host_clock(clock);
        if (left <= 0) return 0;
        int32_t outcome = host_wait(left, 0);
        if (outcome == HOST_INTERRUPTED) {
            take_interrupt();
            left = end - host_clock(clock);
            if (remaining != NULL && !(flags & TIMER_ABSTIME))
                *remaining = to_timespec(left > 0 ? left : 0);
            return EINTR;
        }
        if (outcome < 0) return -outcome;
    }
}

/* There is nobody to signal the condition, so only the host ends this; which the caller, as with any
 * wait for a condition, takes for no more than a reason to look again. */
int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    if (host_wait(-1, 0) == HOST_INTERRUPTED) take_interrupt();
    return 0;
}
