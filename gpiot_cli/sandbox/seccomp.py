"""A system call filter for the sandbox: what namespaces and dropped capabilities leave open.

Denied are kernel key rings, which no namespace separates; memory that no process's size shows
(memfd, System V); interfaces with a long record of kernel faults (bpf, io_uring, userfaultfd, perf);
new namespaces; and sockets other than local, IP and netlink ones (a network namespace does not
hold back vsock, which reaches the host of a virtual machine). The rest is allowed.
Numbers: linux/arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h.
"""

import errno
import platform
import struct
from dataclasses import dataclass

# struct sock_filter operations (linux/bpf_common.h) and seccomp's answers (linux/seccomp.h).
LOAD, JUMP_EQUAL, JUMP_AT_LEAST, JUMP_ANY_BIT, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
ALLOW, KILL_PROCESS, ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
# Offsets in struct seccomp_data: the call's number, the architecture, the first argument.
NUMBER, ARCHITECTURE, FIRST_ARGUMENT = 0, 4, 16

X32_BIT = 0x40000000
"""x86-64 kernels take a second set of numbers with this bit, which would bypass the list."""
NEW_NAMESPACE_FLAGS = 0x7E020000
"""CLONE_NEW{NS,CGROUP,UTS,IPC,USER,PID,NET}."""
SOCKET_FAMILIES = (1, 2, 10, 16)
"""AF_UNIX, AF_INET, AF_INET6, AF_NETLINK (which name look-ups use)."""


@dataclass(frozen=True)
class Architecture:
    """A machine's audit identifier and its numbers of the calls named here."""

    identifier: int
    clone: int
    socket: int
    denied: tuple[int, ...]


COMMON = (425, 426, 427, 428, 429, 430, 431, 432, 433, 438, 442, 447)
"""io_uring_*, the new mount calls, pidfd_getfd, mount_setattr, memfd_secret: alike everywhere."""
CLONE3 = 435
"""Its flags lie in memory that a filter cannot read; answered "not there", libc uses clone."""

ARCHITECTURES = {
    # add_key, request_key, keyctl, unshare, setns, mount, umount2, ptrace, process_vm_readv,
    # process_vm_writev, perf_event_open, bpf, userfaultfd, shmget, msgget, open_by_handle_at,
    # syslog, in this order on both machines.
    "x86_64": Architecture(
        0xC000003E,
        clone=56,
        socket=41,
        denied=(248, 249, 250, 272, 308, 165, 166, 101, 310, 311, 298, 321, 323, 29, 68, 304, 103),
    ),
    "aarch64": Architecture(
        0xC00000B7,
        clone=220,
        socket=198,
        denied=(217, 218, 219, 97, 268, 40, 39, 117, 270, 271, 241, 280, 282, 194, 186, 265, 116),
    ),
}
MEMFD_CREATE = {"x86_64": 319, "aarch64": 279}


def program() -> bytes:
    """The filter as an array of `struct sock_filter`; empty on machines without a table."""
    machine = platform.machine()
    if machine not in ARCHITECTURES:
        return b""
    architecture = ARCHITECTURES[machine]
    missing = ERRNO | errno.ENOSYS
    code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (JUMP_EQUAL, 1, 0, architecture.identifier),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
        (JUMP_AT_LEAST, 0, 1, X32_BIT),
        (RETURN, 0, 0, KILL_PROCESS),
    ]
    answers = dict.fromkeys(architecture.denied + COMMON, ERRNO | errno.EPERM)
    answers |= {CLONE3: missing, MEMFD_CREATE[machine]: missing}
    for number, answer in answers.items():
        code += [(JUMP_EQUAL, 0, 1, number), (RETURN, 0, 0, answer)]
    code += [
        (JUMP_EQUAL, 0, 4, architecture.clone),
        (LOAD, 0, 0, FIRST_ARGUMENT),
        (JUMP_ANY_BIT, 0, 1, NEW_NAMESPACE_FLAGS),
        (RETURN, 0, 0, ERRNO | errno.EPERM),
        (RETURN, 0, 0, ALLOW),
        (JUMP_EQUAL, 1, 0, architecture.socket),
        (RETURN, 0, 0, ALLOW),
        (LOAD, 0, 0, FIRST_ARGUMENT),
    ]
    for family in SOCKET_FAMILIES:
        code += [(JUMP_EQUAL, 0, 1, family), (RETURN, 0, 0, ALLOW)]
    code.append((RETURN, 0, 0, ERRNO | errno.EAFNOSUPPORT))
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
