"""Write deploy/compose/seccomp.json: which system calls a container of the service may make.

Usage: python scripts/container_profile.py [--check]

A container runtime's own profile refuses what the jail is made of: new namespaces, mounts,
pivot_root. This one is as strict elsewhere, and stricter here and there. It admits every call that
the tables of ringfence.jail.syscalls know, but those below, each with its reason. What is newer
than the tables is answered with ENOSYS, as by an older kernel. The format is that of runc, podman
and Docker (the OCI's runtime specification, config-linux.md, "seccomp").

With ``--check`` nothing is written, and the exit status is 1 if the file is not what would be.
"""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from ringfence.jail.syscalls import MACHINES

TARGET = Path(__file__).resolve().parent.parent / "deploy" / "compose" / "seccomp.json"
ENOSYS = 38

REFUSED: dict[str, str] = {
    "administers the machine": """
        acct adjtimex clock_adjtime clock_settime delete_module finit_module init_module
        kexec_file_load kexec_load nfsservctl quotactl quotactl_fd reboot setdomainname settimeofday
        swapoff swapon syslog vhangup""",
    "large or privileged parts of the kernel that exploits start from": """
        bpf fanotify_init fanotify_mark io_uring_enter io_uring_register io_uring_setup
        lookup_dcookie memfd_secret perf_event_open userfaultfd vmsplice""",
    "reaches into other processes": """
        kcmp migrate_pages move_pages pidfd_getfd process_madvise process_mrelease process_vm_readv
        process_vm_writev ptrace""",
    "keyrings belong to no namespace": "add_key keyctl request_key",
    "opens files past the mount tree": "open_by_handle_at",
    "makes devices, or another root that hides nothing": "chroot mknod mknodat",
    "mounts in a way that the jail does not need": """
        fsconfig fsmount fsopen fspick""",
    "changes how the processor or the memory of a process works": """
        get_mempolicy ioperm iopl mbind modify_ldt personality set_mempolicy
        set_mempolicy_home_node""",
    "obsolete; nothing makes it": """
        _sysctl afs_syscall create_module get_kernel_syms getpmsg putpmsg query_module security
        sysfs tuxcall uselib ustat vserver epoll_ctl_old epoll_wait_old remap_file_pages""",
}
"""What is refused, by its reason."""

JAIL: dict[str, str] = {
    "a guest's namespaces, and the zygote's": "clone clone3 setns unshare",
    "a guest's file tree": "mount mount_setattr move_mount open_tree pivot_root umount2",
    "its host name": "sethostname",
    "its other walls": """
        landlock_add_rule landlock_create_ruleset landlock_restrict_self prctl seccomp""",
    "its ids and capabilities": "capset setgroups setresgid setresuid",
    "who ends it": "pidfd_open pidfd_send_signal",
}
"""What the jail is made of, by what it is for. Docker's own profile has the first three rows for
containers with CAP_SYS_ADMIN only; what they do in a user namespace of the container's own needs no
capability of the container."""

FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10, "AF_NETLINK": 16}
"""Kinds of sockets: this machine's, the network's, and what the C library asks for addresses."""


def _listed(groups: dict[str, str]) -> dict[str, list[str]]:
    return {reason: sorted(calls.split()) for reason, calls in groups.items()}


def profile() -> dict[str, Any]:
    """The profile, as JSON has it."""
    known = sorted({name for machine in MACHINES.values() for name in machine.numbers})
    refused = {name for calls in _listed(REFUSED).values() for name in calls}
    jail = {name for calls in _listed(JAIL).values() for name in calls}
    plain = [name for name in known if name not in refused | jail | {"socket"}]
    rules: list[dict[str, Any]] = [_rule(calls, why) for why, calls in _listed(JAIL).items()]
    for family, number in FAMILIES.items():
        rule = _rule(["socket"], family)
        rule["args"] = [{"index": 0, "value": number, "op": "SCMP_CMP_EQ"}]
        rules.append(rule)
    rules.append(_rule(plain, "what programs do"))
    for why, calls in _listed(REFUSED).items():
        refusal = {"names": [one for one in calls if one in known], "action": "SCMP_ACT_ERRNO"}
        rules.append({**refusal, "errnoRet": 1, "comment": why})
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": ENOSYS,
        "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []},
            {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []},
        ],
        "syscalls": rules,
    }


def _rule(calls: list[str], why: str) -> dict[str, Any]:
    return {"names": calls, "action": "SCMP_ACT_ALLOW", "comment": why}


def text() -> str:
    """The file's content."""
    return json.dumps(profile(), indent=2) + "\n"


def main() -> int:
    """Write it, or compare it."""
    parser = argparse.ArgumentParser(description="Write deploy/compose/seccomp.json.")
    parser.add_argument("--check", action="store_true", help="only compare")
    if parser.parse_args().check:
        return int(TARGET.read_text() != text())
    TARGET.write_text(text())
    return 0


if __name__ == "__main__":
    sys.exit(main())
