"""A child process whose output can be waited for and is kept whole."""

import re
import signal
import subprocess
import threading
import time


class Process:
    """Standard output and standard error, merged, line by line; `wait_for` blocks on a line without polling."""

    def __init__(self, command, *, env=None, cwd=None, log_file=None, preexec_fn=None, pass_fds=()):
        self.command = [str(part) for part in command]
        self.lines = []
        self._log_file = open(log_file, "ab") if log_file else None
        self._news = threading.Condition()
        self._ended = False
        self.popen = subprocess.Popen(
            self.command,
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            preexec_fn=preexec_fn,
            pass_fds=pass_fds,
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self):
        for raw in self.popen.stdout:
            if self._log_file:
                self._log_file.write(raw)
                self._log_file.flush()
            with self._news:
                self.lines.append(raw.decode("utf-8", "replace").rstrip("\n"))
                self._news.notify_all()
        with self._news:
            self._ended = True
            self._news.notify_all()

    @property
    def pid(self):
        return self.popen.pid

    @property
    def output(self):
        with self._news:
            return "\n".join(self.lines)

    def mark(self):
        """The number of lines so far; give it to `wait_for` to look only at what comes after."""
        with self._news:
            return len(self.lines)

    def wait_for(self, pattern, *, since=0, timeout=30.0):
        """The first match of `pattern` in a line from number `since` on. Fails when the process ends or time is up."""
        compiled = re.compile(pattern)
        deadline = time.monotonic() + timeout
        with self._news:
            position = since
            while True:
                while position < len(self.lines):
                    found = compiled.search(self.lines[position])
                    position += 1
                    if found:
                        return found
                left = deadline - time.monotonic()
                if self._ended or left <= 0:
                    why = "ended" if self._ended else f"said nothing of it for {timeout} s"
                    said = "\n".join(self.lines[-40:])
                    raise AssertionError(f"{self.command[0]} {why}; wanted {pattern!r}; it said:\n{said}")
                self._news.wait(left)

    def running(self):
        return self.popen.poll() is None

    def send_signal(self, number):
        self.popen.send_signal(number)

    def wait(self, timeout=30.0):
        """Exit status."""
        status = self.popen.wait(timeout)
        self._reader.join(timeout)
        return status

    def stop(self):
        """SIGTERM, then SIGKILL. Returns the exit status."""
        if self.running():
            self.send_signal(signal.SIGTERM)
            try:
                self.popen.wait(20)
            except subprocess.TimeoutExpired:
                self.popen.kill()
        status = self.wait()
        if self._log_file and not self._log_file.closed:
            self._log_file.close()
        return status
