/* What wasi-libc declares but does not define, so that CPython's configure finds it. Each fails as a
 * system would that lacks it. */
#include <errno.h>
#include <stddef.h>

struct epoll_event;
struct itimerspec;

#define LACKING(result) \
    do { \
        errno = ENOSYS; \
        return result; \
    } while (0)

static int name_error;

int *__h_errno_location(void) { return &name_error; }
const char *hstrerror(int error) { return "not supported"; }
void *gethostbyaddr(const void *address, unsigned length, int family) { LACKING(NULL); }
void *gethostbyname(const char *name) { LACKING(NULL); }
void *getprotobyname(const char *name) { LACKING(NULL); }
void *getservbyname(const char *name, const char *protocol) { LACKING(NULL); }
void *getservbyport(int port, const char *protocol) { LACKING(NULL); }

char *gettext(const char *text) { return (char *)text; }
char *dgettext(const char *domain, const char *text) { return (char *)text; }
char *dcgettext(const char *domain, const char *text, int category) { return (char *)text; }
char *textdomain(const char *domain) { return (char *)"messages"; }
char *bindtextdomain(const char *domain, const char *folder) { LACKING(NULL); }

int setgroups(size_t count, const void *groups) { LACKING(-1); }
int epoll_create1(int flags) { LACKING(-1); }
int epoll_ctl(int poll, int operation, int descriptor, struct epoll_event *event) { LACKING(-1); }
int epoll_wait(int poll, struct epoll_event *events, int most, int timeout) { LACKING(-1); }
int timerfd_create(int clock, int flags) { LACKING(-1); }
int timerfd_settime(int timer, int flags, const struct itimerspec *value, struct itimerspec *old) {
    LACKING(-1);
}
int timerfd_gettime(int timer, struct itimerspec *value) { LACKING(-1); }
