"""Server processes and what /proc says of them. CPU and memory count a process with all its children."""

import os
import resource
import signal
import ssl
import subprocess
import time

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


def _stat(pid):
    """Fields of /proc/PID/stat after the name, or None when the process is gone."""
    try:
        with open(f"/proc/{pid}/stat") as file:
            return file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None


def _family(root):
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit() and (fields := _stat(name)):
            parents.setdefault(int(fields[1]), []).append(int(name))
    found, to_visit = [], [root]
    while to_visit:
        pid = to_visit.pop()
        found.append(pid)
        to_visit.extend(parents.get(pid, []))
    return found


def machine_busy_seconds():
    """CPU seconds that all of the machine has used since its start."""
    with open("/proc/stat") as file:
        user, nice, system, _idle, _iowait, irq, softirq, steal = map(int, file.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) / _TICKS


def own_seconds():
    """CPU seconds of this program and of all its descendants that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in used)


class ServerProcess:
    """Runs in a process group of its own; output goes to `log`, by default nowhere, as logs of a run are large.

    `ends_children`: it is asked to end, not killed, so that it ends and counts its own children.
    """

    def __init__(self, command, environment=None, log=None, ends_children=False):
        self.command = [str(part) for part in command]
        self._ends_children = ends_children
        output = open(log, "ab") if log else subprocess.DEVNULL
        try:
            self.popen = subprocess.Popen(
                self.command,
                env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/nonexistent", **(environment or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            if log:
                output.close()

    def wait_until(self, is_ready, limit=30.0):
        """Asks again and again until the server is there; a server that ends instead is an error."""
        end = time.monotonic() + limit
        while not is_ready():
            if self.popen.poll() is not None:
                raise RuntimeError(f"ended with {self.popen.returncode}: {' '.join(self.command)}")
            if time.monotonic() > end:
                raise RuntimeError(f"not ready after {limit} s: {' '.join(self.command)}")
            time.sleep(0.01)

    def cpu_seconds(self):
        total = 0
        for pid in _family(self.popen.pid):
            if fields := _stat(pid):
                total += int(fields[11]) + int(fields[12])
        return total / _TICKS

    def rss_mib(self):
        """Resident memory. Several processes count in full each."""
        pages = sum(int(fields[21]) for pid in _family(self.popen.pid) if (fields := _stat(pid)))
        return pages * _PAGE / 2**20

    def pids(self):
        return _family(self.popen.pid)

    def stop(self):
        if self._ends_children and self.popen.poll() is None:
            self.popen.terminate()
            try:
                self.popen.wait(5)
            except subprocess.TimeoutExpired:
                pass  # it is killed below
        if self.popen.poll() is None:
            os.killpg(self.popen.pid, signal.SIGKILL)
        self.popen.wait(30)


def unverified_tls():
    """All of it is on loopback, and the certificates are not what is measured."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
