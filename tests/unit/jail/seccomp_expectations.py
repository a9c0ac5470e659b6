"""What each system call must end with, written by hand and not derived from the rules.

Test support. ``expected`` speaks of calls that look at no argument, ``PROBES`` of the others: every
value that is let through, and the ones beside it.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.jail.bpf_simulator import ALLOW, ERRNO, KILL_PROCESS

OWN_PID = 4711

VERDICTS = {
    "allow": ALLOW,
    "kill": KILL_PROCESS,
    "succeed": ERRNO,
    "EPERM": ERRNO | 1,
    "EINVAL": ERRNO | 22,
    "ENOSYS": ERRNO | 38,
    "EOPNOTSUPP": ERRNO | 95,
}


@dataclass(frozen=True)
class Grants:
    paths: bool
    scratch: bool
    threads: bool

    def __str__(self) -> str:
        return "+".join(name for name, given in vars(self).items() if given) or "nothing"


EVERYTHING = Grants(paths=True, scratch=True, threads=True)
NOTHING = Grants(paths=False, scratch=False, threads=False)
GRANTS = (
    EVERYTHING,
    Grants(paths=True, scratch=True, threads=False),
    Grants(paths=True, scratch=False, threads=True),
    Grants(paths=True, scratch=False, threads=False),
    Grants(paths=False, scratch=False, threads=True),
    NOTHING,
)


def names(text: str) -> frozenset[str]:
    return frozenset(text.split())


ALWAYS = names(
    """
    read write readv writev close lseek pread64 pwrite64 fstat dup dup2 dup3 eventfd2
    poll ppoll select pselect6 epoll_create1 epoll_ctl epoll_wait epoll_pwait
    recvfrom shutdown getsockname brk munmap mprotect mremap
    set_robust_list rseq gettid sched_yield getcpu exit exit_group
    rt_sigaction rt_sigprocmask rt_sigreturn sigaltstack pause restart_syscall
    alarm getitimer setitimer nanosleep gettimeofday time times getrusage
    getpid getppid getuid geteuid getgid getegid getrandom uname getcwd
    """
)
PATHS = names(
    """
    stat lstat newfstatat statx access faccessat faccessat2 readlink readlinkat getdents64
    chdir fchdir
    """
)
SCRATCH = names(
    """
    mkdir mkdirat rmdir unlink unlinkat rename renameat renameat2 truncate ftruncate fallocate
    chmod fchmod fchmodat utimensat umask copy_file_range sendfile
    """
)
SUCCEED = names("fsync fdatasync msync")
UNSUPPORTED = names(
    """
    setxattr lsetxattr fsetxattr getxattr lgetxattr fgetxattr listxattr llistxattr flistxattr
    removexattr lremovexattr fremovexattr
    """
)
KILLED = names(
    """
    ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise process_mrelease
    unshare setns mount umount2 pivot_root chroot move_mount open_tree fsopen fsconfig fsmount
    fspick mount_setattr open_by_handle_at name_to_handle_at add_key request_key keyctl
    bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register vmsplice
    memfd_secret fanotify_init personality modify_ldt iopl ioperm move_pages migrate_pages
    kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct
    syslog quotactl quotactl_fd clock_settime clock_adjtime settimeofday sethostname setdomainname
    """
)
PROGRAMS = names("execve execveat")
ZYGOTE_CALLS = names(
    """
    clone fork wait4 pidfd_open kill pidfd_send_signal tgkill sendmsg recvmsg
    unshare setns mount openat capset prctl prlimit64 landlock_restrict_self seccomp
    """
)

_TOP = 1 << 63
_ANY = (1 << 64) - 1


@dataclass(frozen=True)
class Probe:
    """A call with arguments, and what it ends with.

    Attributes:
        verdict: For a guest with everything granted.
        needs: Attributes of ``Grants`` without which it is EPERM.
        in_zygote: For the zygote, if that differs.
    """

    call: str
    arguments: tuple[int, ...]
    verdict: str
    needs: str = ""
    in_zygote: str | None = None

    def expected(self, grants: Grants) -> str:
        missing = [name for name in self.needs.split() if not getattr(grants, name)]
        return "EPERM" if missing else self.verdict

    def expected_in_zygote(self) -> str:
        return self.in_zygote or self.verdict


def _probes(
    call: str,
    place: int,
    verdict: str,
    values: tuple[int, ...],
    *,
    needs: str = "",
    in_zygote: str | None = None,
) -> tuple[Probe, ...]:
    """One argument varies; the others have all bits set, so that a wrong one is noticed."""
    return tuple(
        Probe(call, (*[_ANY] * place, value, *[_ANY] * (5 - place)), verdict, needs, in_zygote)
        for value in values
    )


PROBES: tuple[Probe, ...] = (
    *_probes("close_range", 2, "allow", (0, 4)),
    *_probes("close_range", 2, "EINVAL", (2, 6, _ANY)),
    *_probes("fcntl", 1, "allow", (0, 1, 2, 3, 4, 5, 1030)),
    *_probes("fcntl", 1, "succeed", (6, 7)),
    # F_SETOWN, F_SETSIG, F_SETOWN_EX, F_OFD_*, F_SETLEASE, F_NOTIFY, F_SETPIPE_SZ, F_ADD_SEALS
    *_probes("fcntl", 1, "EPERM", (8, 10, 15, 36, 37, 38, 1024, 1026, 1029, 1031, 1032, 1033)),
    *_probes("ioctl", 1, "allow", (0x5401, 0x541B, 0x5421, 0x5450, 0x5451, _TOP | 0x5401)),
    *_probes("ioctl", 1, "EOPNOTSUPP", (0x40049409,)),
    # TIOCSTI, TIOCLINUX, FIOSETOWN, FIOASYNC, SIOCGIFCONF, TCGETS beside it
    *_probes("ioctl", 1, "EPERM", (0x5412, 0x541C, 0x8901, 0x5452, 0x8912, 0x5400, 0x5402, 0)),
    *_probes("pipe2", 1, "allow", (0, 0o4000, 0o2000000, 0o40000)),
    *_probes("pipe2", 1, "EPERM", (0x80, 0o2000200)),
    *_probes("socketpair", 0, "allow", (1, _TOP | 1)),
    *_probes("socketpair", 0, "EPERM", (0, 2, 10, 16, 17, 30, 40)),
    Probe("sendto", (3, 1, 1, 0, 0, 0), "allow"),
    Probe("sendto", (3, 1, 1, 0x4000, 0, 0), "allow"),
    Probe("sendto", (3, 1, 1, 0x4001, 0, 0), "EPERM"),
    Probe("sendto", (3, 1, 1, 0, 1, 0), "EPERM"),
    Probe("sendto", (3, 1, 1, 0, 1 << 32, 0), "EPERM"),
    *_probes("recvmsg", 0, "allow", (3, _TOP | 3)),
    *_probes("recvmsg", 0, "EPERM", (0, 2, 4, _ANY), in_zygote="allow"),
    *(Probe("getsockopt", (3, 1, option), "allow") for option in (3, 4, 38, 39)),
    # SO_PEERCRED, SO_PEERSEC, SO_PEERGROUPS, SO_PEERPIDFD, SO_RCVBUF
    *(Probe("getsockopt", (3, 1, option), "EPERM") for option in (17, 31, 59, 77, 8, 0)),
    *(Probe("getsockopt", (3, level, 3), "EPERM") for level in (0, 6, 41)),
    # MAP_PRIVATE with MAP_ANONYMOUS, MAP_STACK, MAP_FIXED; MAP_SHARED of a file; MAP_DROPPABLE
    *_probes("mmap", 3, "allow", (0x22, 0x20022, 0x32, 0x02, 0x01, 0x11, 0x28)),
    # MAP_SHARED or MAP_SHARED_VALIDATE with MAP_ANONYMOUS
    *_probes("mmap", 3, "EPERM", (0x21, 0x23, 0x31, 0x4021, _TOP | 0x21)),
    # MAP_GROWSDOWN, MAP_LOCKED, MAP_HUGETLB
    *_probes("mmap", 3, "EPERM", (0x122, 0x2022, 0x40022, 0x102)),
    *_probes("madvise", 2, "allow", (4, 8, 14, 15)),
    # POPULATE_READ, POPULATE_WRITE, NORMAL, REMOVE, DONTFORK, MERGEABLE, COLD, PAGEOUT, HWPOISON, GUARD_INSTALL
    *_probes("madvise", 2, "EINVAL", (22, 23, 0, 3, 9, 10, 12, 16, 20, 21, 24, 100, 102)),
    *_probes("madvise", 2, "EINVAL", (25,), in_zygote="allow"),  # COLLAPSE
    *_probes("clone", 0, "allow", (0x3D0F00, 0x7D0F00, _TOP | 0x3D0F00), needs="threads"),
    # fork, vfork, a bare CLONE_VM, pthread_create with a new user namespace or a pidfd
    *_probes(
        "clone",
        0,
        "EPERM",
        (0, 17, 0x01200011, 0x4111, 0x100, 0x103D0F00, 0x3D1F00, 0x3D0F11),
        in_zygote="allow",
    ),
    *_probes("clone3", 0, "ENOSYS", (0, _ANY)),
    *_probes("futex", 1, "allow", (0, 1, 3, 4, 5, 9, 10, 128, 129, 137, 138, 256 | 9, 384 | 9)),
    # LOCK_PI, UNLOCK_PI, TRYLOCK_PI, WAIT_REQUEUE_PI, CMP_REQUEUE_PI, LOCK_PI2, FD, unknown
    *_probes("futex", 1, "ENOSYS", (6, 7, 8, 11, 12, 13, 2, 14, 134, 512, 1 << 31)),
    *_probes("sched_getaffinity", 0, "allow", (0,)),
    *_probes("sched_getaffinity", 0, "ENOSYS", (1, OWN_PID, _ANY)),
    *_probes("tgkill", 0, "allow", (OWN_PID, _TOP | OWN_PID)),
    *_probes("tgkill", 0, "EPERM", (0, 1, OWN_PID - 1, OWN_PID + 1, _ANY), in_zygote="allow"),
    *(
        probe
        for call in ("clock_gettime", "clock_getres", "clock_nanosleep")
        for probe in (
            *_probes(call, 0, "allow", (0, 1, 2, 3, 11, 0x7FFFFFFF)),
            *_probes(call, 0, "EPERM", (0x80000000, 0xFFFFFFFA, _ANY)),
        )
    ),
    *_probes("prctl", 0, "allow", (15, 16)),
    # PDEATHSIG, DUMPABLE, SECCOMP, MM, NO_NEW_PRIVS, SPECULATION, SYSCALL_USER_DISPATCH, SET_VMA
    *_probes(
        "prctl",
        0,
        "EPERM",
        (1, 4, 14, 17, 22, 35, 38, 53, 59, 0x53564D41, 0x59616D61),
        in_zygote="allow",
    ),
    Probe("prlimit64", (0, 7, 0, 1), "allow"),
    Probe("prlimit64", (0, 7, 1, 1), "EPERM", in_zygote="allow"),
    Probe("prlimit64", (0, 7, 1 << 32, 1), "EPERM", in_zygote="allow"),
    Probe("prlimit64", (1, 7, 0, 1), "EPERM", in_zygote="allow"),
    Probe("prlimit64", (OWN_PID, 7, 0, 1), "EPERM", in_zygote="allow"),
    *_probes("open", 1, "allow", (0, 0o2000000, 0o200000), needs="paths", in_zygote="allow"),
    *_probes(
        "open",
        1,
        "allow",
        (1, 2, 0o100, 0o1000, 0o20200002),
        needs="paths scratch",
        in_zygote="allow",
    ),
    *_probes("openat", 2, "allow", (0, 0o2000000, 0o10000000), needs="paths", in_zygote="allow"),
    *_probes(
        "openat",
        2,
        "allow",
        (1, 2, 0o100, 0o1000, 0o20200002),
        needs="paths scratch",
        in_zygote="allow",
    ),
    *(Probe(call, (1, 1, 1), "kill", in_zygote="EPERM") for call in sorted(PROGRAMS)),
)

PROBED = frozenset(probe.call for probe in PROBES)


def expected(call: str | None, grants: Grants) -> str:
    """For a guest, of a call that no probe speaks of; None is a number that no call has."""
    if call is None:
        return "ENOSYS"
    if call in ALWAYS or (call in PATHS and grants.paths) or (call in SCRATCH and grants.scratch):
        return "allow"
    if call in SUCCEED:
        return "succeed"
    if call in UNSUPPORTED:
        return "EOPNOTSUPP"
    return "kill" if call in KILLED else "EPERM"


def expected_in_zygote(call: str | None, *, scratch: bool) -> str:
    """For the zygote, of a call that no probe speaks of."""
    if call in ZYGOTE_CALLS:
        return "allow"
    return expected(call, Grants(paths=True, scratch=scratch, threads=True))
