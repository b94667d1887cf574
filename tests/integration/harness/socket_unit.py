"""What a socket unit of systemd does: it holds the listening socket and gives it to the program, as descriptor 3."""

import socket


class SocketUnit:
    def __init__(self, folder, binary, port=0, *, shared=False):
        """`shared`: with SO_REUSEPORT, beside others who listen on `port`. `program` is to be started, with `environment`
        and the descriptors of `pass_fds`."""
        self._listening = socket.socket()
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if shared:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        self._listening.bind(("127.0.0.1", port))
        self._listening.listen(128)
        self.port = self._listening.getsockname()[1]
        self.program = folder / "launcher"
        self.program.write_text(
            "#!/usr/bin/python3\nimport os, sys\nos.dup2(int(os.environ['SOCKET']), 3)\n"
            "os.environ.update(LISTEN_PID=str(os.getpid()), LISTEN_FDS='1', LISTEN_FDNAMES='webhook')\n"
            f"os.execv({str(binary)!r}, [{str(binary)!r}] + sys.argv[1:])\n"
        )
        self.program.chmod(0o755)

    @property
    def pass_fds(self):
        return [self._listening.fileno()]

    @property
    def environment(self):
        return {"SOCKET": str(self._listening.fileno())}

    def close(self):
        self._listening.close()
