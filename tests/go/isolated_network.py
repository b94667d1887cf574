#!/usr/bin/env python3
"""Runs a program where AWS's names lead to this machine and nothing else can be reached.

    isolated_network.py [--host NAME]... -- PROGRAM [ARGUMENT]...

The program gets a network namespace of its own with nothing but a loopback interface (so the instance metadata address
and the Internet do not exist for it), and a mount namespace in which the hosts file maps every NAME to 127.0.0.1. The
rest of the machine is unchanged. Needs root or user namespaces, the Python standard library and util-linux.

As a module: `command(hosts, program)` is the command line to start instead of `program`, `why_not()` says why this
machine cannot do it, or None.
"""

import argparse
import fcntl
import os
import socket
import struct
import subprocess
import sys
import tempfile

STS_HOSTS = (
    "sts.amazonaws.com",
    "sts.us-east-1.amazonaws.com",
    "sts.us-west-2.amazonaws.com",
    "sts.eu-central-1.amazonaws.com",
)

_SIOCGIFFLAGS = 0x8913
_SIOCSIFFLAGS = 0x8914
_IFF_UP = 0x1


def _unshare():
    """util-linux does the privileged part. Without root, a user namespace makes us root in there."""
    base = ["unshare", "--net", "--mount", "--propagation", "private"]
    return base if os.geteuid() == 0 else [*base, "--user", "--map-root-user"]


def command(program, hosts=STS_HOSTS):
    """The command line that runs `program` (a list) in there."""
    names = [part for host in hosts for part in ("--host", host)]
    return [sys.executable, os.path.abspath(__file__), *names, "--", *(str(part) for part in program)]


def why_not():
    """None where this works, else the reason in one line."""
    tried = subprocess.run(command(["true"]), capture_output=True, text=True, timeout=60)
    if tried.returncode == 0:
        return None
    return "no network namespace of its own: " + (tried.stderr.strip().splitlines() or ["no reason given"])[-1]


def _raise_loopback():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(control, _SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | _IFF_UP))


def _replace_hosts_file(hosts):
    with tempfile.NamedTemporaryFile("w", prefix="hosts-", delete=False) as file:
        file.write("127.0.0.1 localhost\n::1 localhost\n")
        file.writelines(f"127.0.0.1 {host}\n" for host in hosts)
    os.chmod(file.name, 0o644)
    subprocess.run(["mount", "--bind", file.name, "/etc/hosts"], check=True)
    os.unlink(file.name)  # the mount keeps it


def _inside(hosts, program):
    _raise_loopback()
    _replace_hosts_file(hosts)
    os.execvp(program[0], program)


def main():
    parser = argparse.ArgumentParser(description="Run a program in a loopback-only network with its own hosts file.")
    parser.add_argument("--host", action="append", default=[], help="a name that leads to 127.0.0.1")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("program", nargs="+")
    asked = parser.parse_args()
    if asked.inside:
        _inside(asked.host, asked.program)
    names = [part for host in asked.host for part in ("--host", host)]
    arguments = [*_unshare(), sys.executable, os.path.abspath(__file__), "--inside", *names, "--", *asked.program]
    os.execvp(arguments[0], arguments)


if __name__ == "__main__":
    main()
