"""Which system calls a guest may make, and why: rules for ``ringfence.jail.seccomp``.

Read it as a table. ``GUEST`` is what a locked-down guest may do; the first rule that names a call
and whose grants were given decides. ``ZYGOTE`` is what the zygote may do besides, until a guest
gives it up. A known call that no rule names is refused with EPERM, an unknown one with ENOSYS.

Sources: the system calls that CPython 3.11 to 3.14, NumPy, pandas, matplotlib, SciPy and SQLite
make (strace), the manual pages of section 2, and the kernel's source where a reason says so.
"""

from __future__ import annotations

from ringfence.jail.seccomp_terms import (
    INVALID,
    KILL,
    REFUSE,
    SUCCEED,
    UNKNOWN,
    UNSUPPORTED,
    Action,
    AllClear,
    Case,
    Grant,
    IsNull,
    IsOwnPid,
    IsThread,
    NotTogether,
    OneOf,
    Rule,
    Test,
    Under,
)

__all__ = ["GUEST", "ZYGOTE"]


def _allow(calls: str, reason: str, *tests: Test, otherwise: Action = REFUSE) -> Rule:
    return Rule(tuple(calls.split()), reason, (Case(tests),), otherwise)


def _answer(calls: str, action: Action, reason: str) -> Rule:
    return Rule(tuple(calls.split()), reason, (), action)


def _granted(rule: Rule, *grants: Grant) -> Rule:
    return Rule(rule.calls, rule.reason, rule.cases, rule.otherwise, grants=frozenset(grants))


def _path(calls: str, reason: str, *tests: Test) -> Rule:
    return _granted(_allow(calls, reason, *tests), Grant.PATHS)


def _scratch(calls: str, reason: str, *tests: Test) -> Rule:
    return _granted(_allow(calls, reason, *tests), Grant.PATHS, Grant.SCRATCH)


_SOL_SOCKET = 1
_SIGCONT = 18
_WRITING = 0x243  # O_WRONLY | O_RDWR | O_CREAT | O_TRUNC
_CPU_CLOCKS = (
    "a negative clock is the CPU clock of another process, or a device: it would tell which"
    " processes run and how busy they are"
)

GUEST: tuple[Rule, ...] = (
    # Descriptors that the guest has.
    _allow("read write readv writev close lseek", "descriptors that the guest was given or opened"),
    _allow(
        "pread64", "the dynamic loader and SQLite read at an offset: no more than lseek and read"
    ),
    _allow("pwrite64", "SQLite writes at an offset: no more than lseek and write"),
    _allow("fstat", "open() and mmap ask for the size and kind of a descriptor"),
    _allow("dup dup2 dup3", "copies of own descriptors, bounded by RLIMIT_NOFILE"),
    _allow(
        "close_range",
        "os.closerange; CLOSE_RANGE_UNSHARE would give each thread a descriptor table of its own,"
        " and RLIMIT_NOFILE counts per table",
        AllClear(2, "flags", 0x2),
        otherwise=INVALID,
    ),
    Rule(
        ("fcntl",),
        "F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_GETLK, F_DUPFD_CLOEXEC; locks (SQLite) do"
        " nothing and succeed: a guest is alone on its scratch, while a real lock pins 192 bytes of"
        " kernel memory under no limit, and on a file shared read-only it would hold up the host"
        " and be seen by other guests; not F_SETPIPE_SZ (kernel memory) and F_SETOWN (signals)",
        (
            Case((OneOf(1, "command", (0, 1, 2, 3, 4, 5, 1030)),)),
            Case((OneOf(1, "command", (6, 7)),), SUCCEED),  # F_SETLK, F_SETLKW
        ),
    ),
    Rule(
        ("ioctl",),
        "TCGETS (isatty), FIONREAD, FIONBIO, FIOCLEX and FIONCLEX; FICLONE as on a file system that"
        " cannot, for pathlib's copy falls back on that error alone; not TIOCSTI and FIOSETOWN",
        (
            Case((OneOf(1, "request", (0x5401, 0x541B, 0x5421, 0x5450, 0x5451)),)),
            Case((OneOf(1, "request", (0x40049409,)),), UNSUPPORTED),
        ),
    ),
    _allow(
        "pipe2",
        "asyncio and pipes within the guest; O_EXCL would make it a notification pipe"
        " (watch_queue: CVE-2022-0995)",
        AllClear(1, "flags", 0x80),
    ),
    _allow("eventfd2", "wakes an event loop; bounded by RLIMIT_NOFILE"),
    _allow("poll ppoll select pselect6", "waits on own descriptors"),
    _allow("epoll_create1 epoll_ctl epoll_wait epoll_pwait", "asyncio's default selector"),
    _allow(
        "socketpair",
        "asyncio's self-pipe: AF_UNIX pairs only, which reach nobody else",
        OneOf(0, "domain", (1,)),
    ),
    _allow(
        "sendto",
        "send(); an address would let a datagram pair reach any socket of the host that has a path;"
        " not MSG_OOB (CVE-2025-38236)",
        AllClear(3, "flags", 0x1),
        IsNull(4, "address"),
    ),
    _allow("recvfrom shutdown getsockname", "own socket pairs and the channel to the host"),
    _allow(
        "recvmsg",
        "the channel to the host, over which arrays in shared memory come with their descriptors;"
        " no other socket passes any",
        OneOf(0, "descriptor", (3,)),
    ),
    _allow(
        "getsockopt",
        "SO_TYPE, SO_ERROR, SO_PROTOCOL, SO_DOMAIN, which socket.socket(fileno=...) and asyncio ask"
        " for; not SO_PEERCRED and SO_PEERPIDFD, which name the host's process",
        OneOf(1, "level", (_SOL_SOCKET,)),
        OneOf(2, "option", (3, 4, 38, 39)),
    ),
    _answer(
        "fsync fdatasync msync",
        SUCCEED,
        "SQLite and mmap.flush need it to succeed; scratch does not outlive the guest, and even a"
        " read-only descriptor could make the host's disk flush its cache",
    ),
    # Memory. RLIMIT_AS is the bound that holds: RLIMIT_DATA counts only private pages that are
    # writable now, so mprotect(PROT_READ) and mremap of a page of the stack take pages out of it.
    _allow("brk munmap mprotect mremap", "malloc, thread stacks and loaded libraries"),
    _allow(
        "mmap",
        "malloc, libraries, arenas; shared anonymous memory and MAP_GROWSDOWN escape RLIMIT_DATA,"
        " MAP_HUGETLB takes from the host's pool of huge pages, MAP_LOCKED pins",
        AllClear(3, "flags", 0x42100),  # MAP_GROWSDOWN, MAP_LOCKED, MAP_HUGETLB
        NotTogether(3, "flags", 0x21),  # MAP_SHARED, MAP_ANONYMOUS
    ),
    _allow(
        "madvise",
        "malloc and NumPy: DONTNEED, FREE, HUGEPAGE, NOHUGEPAGE; others, such as COLD and PAGEOUT,"
        " act on pages shared with the host; EINVAL as from an older kernel, so glibc falls back",
        OneOf(2, "advice", (4, 8, 14, 15)),
        otherwise=INVALID,
    ),
    # Threads.
    _granted(
        _allow(
            "clone",
            "threads, and nothing else: no process, no namespace; bounded by RLIMIT_NPROC",
            IsThread(0, "flags"),
        ),
        Grant.THREADS,
    ),
    _answer(
        "clone3",
        UNKNOWN,
        "its flags are behind a pointer, where no filter sees them; glibc falls back to clone",
    ),
    _allow("set_robust_list rseq", "each new thread registers itself"),
    _allow("gettid sched_yield getcpu", "threads"),
    _allow(
        "futex",
        "locks: WAIT, WAKE, REQUEUE, CMP_REQUEUE, WAKE_OP and the BITSET pair; not the"
        " priority-inheriting ones, which nothing here uses and exploits do (CVE-2014-3153)",
        OneOf(1, "operation", (0, 1, 3, 4, 5, 9, 10), mask=0xFFFFFE7F),  # PRIVATE, CLOCK_REALTIME
        otherwise=UNKNOWN,
    ),
    _allow(
        "sched_getaffinity",
        "os.process_cpu_count; of itself only: other ids would tell which processes exist; ENOSYS,"
        " which pthread_getattr_np takes for an answer",
        OneOf(0, "pid", (0,)),
        otherwise=UNKNOWN,
    ),
    _allow("exit exit_group", "ends"),
    # Signals and timers, of the guest to itself.
    _allow(
        "rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack pause restart_syscall",
        "handlers of the guest's own signals; restart_syscall goes on after SIGSTOP and SIGCONT",
    ),
    Rule(
        ("tgkill",),
        "abort(), raise_signal(), pthread_kill(): own threads only; not SIGCONT, which would undo"
        " the pause between turns",
        (
            Case((OneOf(2, "signal", (_SIGCONT,)),), REFUSE),
            Case((IsOwnPid(0, "process"),)),
        ),
    ),
    _allow("alarm getitimer setitimer", "signal.alarm and setitimer: signals to the guest itself"),
    # Time.
    _allow("clock_gettime clock_getres", f"clocks; {_CPU_CLOCKS}", Under(0, "clock", 0x80000000)),
    _allow("clock_nanosleep", f"time.sleep; {_CPU_CLOCKS}", Under(0, "clock", 0x80000000)),
    _allow("nanosleep gettimeofday time times getrusage", "sleeping, clocks, own resource use"),
    # What the guest is.
    _allow("getpid getppid getuid geteuid getgid getegid", "own ids"),
    _allow("getrandom", "os.urandom, hash seeds, secrets"),
    _allow("uname", "the platform module; the namespace hides the host's name, not its kernel"),
    _allow("getcwd", "os.getcwd, tracebacks, imports"),
    _allow(
        "prctl",
        "PR_SET_NAME and PR_GET_NAME: names of threads",
        OneOf(0, "option", (15, 16)),
    ),
    _allow(
        "prlimit64",
        "resource.getrlimit: its own limits, without changing them",
        OneOf(0, "pid", (0,)),
        IsNull(2, "new limit"),
    ),
    # Paths. No wall but a mount namespace keeps stat() and readlink() from paths of the host.
    _scratch("open openat", "files of the scratch mount"),
    _path(
        "open",
        "imports, zone information, files granted for reading",
        AllClear(1, "flags", _WRITING),
    ),
    _path(
        "openat",
        "imports, zone information, files granted for reading",
        AllClear(2, "flags", _WRITING),
    ),
    _path("stat lstat newfstatat statx", "imports, os.stat; fstat() of glibc 2.33 to 2.38"),
    _path("access faccessat faccessat2 readlink readlinkat", "os.access, realpath, the loader"),
    _path("getdents64 chdir fchdir", "os.scandir, os.chdir"),
    # Scratch. Landlock does not see chmod and utimensat: grant it with a mount namespace only.
    _scratch("mkdir mkdirat rmdir unlink unlinkat", "tempfile, shutil"),
    _scratch("rename renameat renameat2", "os.replace"),
    _scratch("truncate ftruncate fallocate", "sizes of files; the mount bounds them"),
    _scratch("chmod fchmod fchmodat utimensat umask", "shutil.copy, os.utime, tarfile"),
    _scratch("copy_file_range sendfile", "shutil and pathlib copy with them"),
    # Refused in a way that programs understand.
    _answer(
        "setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr"
        " removexattr lremovexattr fremovexattr",
        UNSUPPORTED,
        "as on a file system without extended attributes: shutil.copy2 goes on after that error"
        " alone",
    ),
    # Refused, for a reason worth knowing.
    _answer(
        "sysinfo statfs fstatfs",
        REFUSE,
        "memory, load, number of processes and disk space of the host; what asks copes",
    ),
    _answer("flock", REFUSE, "a lock on a file shared read-only holds up the host's programs"),
    _answer(
        "memfd_create shmget shmat mlock mlock2 mlockall",
        REFUSE,
        "memory that RLIMIT_DATA does not count, or that cannot be swapped",
    ),
    _answer(
        "kill tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_open pidfd_send_signal",
        REFUSE,
        "signals to other processes",
    ),
    _answer(
        "socket connect bind listen accept accept4 setsockopt sendmmsg recvmmsg",
        REFUSE,
        "no network, and no kernel memory through buffer sizes",
    ),
    _answer("sendmsg", REFUSE, "it passes descriptors; CPython sends with sendto"),
    _answer("fork vfork wait4 waitid", REFUSE, "a guest is one process"),
    _answer(
        "mincore fadvise64 preadv2 readahead",
        REFUSE,
        "they read or steer the page cache that the host shares",
    ),
    _answer(
        "splice tee inotify_init1 timerfd_create signalfd4 membarrier mbind",
        REFUSE,
        "kernel code that nothing here needs; OpenBLAS ignores that mbind fails",
    ),
    _answer(
        "setrlimit capset seccomp landlock_restrict_self landlock_create_ruleset landlock_add_rule",
        REFUSE,
        "the guest's walls are up",
    ),
    # Only an attack makes these.
    _answer("execve execveat", KILL, "a guest never starts a program"),
    _answer(
        "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise"
        " process_mrelease",
        KILL,
        "reaches into other processes",
    ),
    _answer(
        "unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount"
        " fspick mount_setattr",
        KILL,
        "rearranges the namespaces that hide the host",
    ),
    _answer("open_by_handle_at name_to_handle_at", KILL, "opens files past the mount tree"),
    _answer("add_key request_key keyctl", KILL, "keyrings belong to no namespace"),
    _answer(
        "bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register vmsplice"
        " memfd_secret fanotify_init",
        KILL,
        "large or privileged parts of the kernel that exploits start from",
    ),
    _answer("personality modify_ldt iopl ioperm", KILL, "changes how the processor runs the guest"),
    _answer("move_pages migrate_pages", KILL, "moves other processes' memory"),
    _answer(
        "kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff"
        " acct syslog quotactl quotactl_fd clock_settime clock_adjtime settimeofday sethostname"
        " setdomainname",
        KILL,
        "administers the machine",
    ),
)
"""What a locked-down guest may do."""

ZYGOTE: tuple[Rule, ...] = (
    _allow("clone fork", "forks a guest (musl by fork); its threads if a package starts one"),
    _allow("wait4 pidfd_open", "reaps guests and hands their pidfds to the host"),
    _allow("kill pidfd_send_signal", "signals guests"),
    _allow("tgkill", "each guest's own threads: only its own filter can know its process id"),
    _allow("sendmsg recvmsg", "the control channel passes descriptors"),
    _allow("unshare setns", "a guest's own namespaces, and back to the zygote's for the next one"),
    _allow("mount", "a guest's own scratch"),
    _allow(
        "madvise",
        "as a guest, and COLLAPSE: what guests share lies in huge pages",
        OneOf(2, "advice", (4, 8, 14, 15, 25)),
        otherwise=INVALID,
    ),
    _allow("openat", "writes a guest's uid_map, opens the null device for it anew"),
    _allow("capset prctl", "a guest drops its capabilities and what it was started with"),
    _allow("prlimit64", "a guest's limits"),
    _allow("landlock_restrict_self seccomp", "a guest's last two walls"),
    _answer(
        "execve execveat",
        REFUSE,
        "the zygote starts no program; a package that tries at import learns so by an exception",
    ),
)
"""What the zygote may do besides, until the guest gives it up with the second layer."""
