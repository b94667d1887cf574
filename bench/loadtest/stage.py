"""What all measurements share: the programs, a directory, and how much of everything there is to be."""

import pathlib
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Programs:
    """Paths; None for a peer that is not installed."""

    arngate: pathlib.Path
    fake_sts: pathlib.Path
    arngate_bench: pathlib.Path | None = None
    go_server: pathlib.Path | None = None
    nginx: pathlib.Path | None = None
    wrk: pathlib.Path | None = None


@dataclass(frozen=True)
class Sizes:
    """The amounts of the published table. `quick()` asks only whether everything works."""

    seconds: float = 4.0
    warm_up: float = 1.0
    tokens: int = 10_000
    connections: int = 64
    streams: int = 100
    slow_sts_in_flight: int = 256
    held_connections: int = 256
    identities: int = 10_000
    settle_seconds: float = 10.0
    herd: int = 5_000
    herd_rate: int = 500
    few_mappings: int = 10
    many_mappings: int = 100_000
    same_token: int = 1_000
    junk_per_second: int = 5_000
    users_per_second: int = 200

    @classmethod
    def quick(cls):
        return cls(
            seconds=0.5,
            warm_up=0,
            tokens=100,
            connections=8,
            streams=20,
            slow_sts_in_flight=16,
            held_connections=8,
            identities=50,
            settle_seconds=0.0,
            herd=60,
            herd_rate=60,
            many_mappings=500,
            same_token=50,
            junk_per_second=300,
            users_per_second=50,
        )


@dataclass(frozen=True)
class Stage:
    programs: Programs
    directory: pathlib.Path
    threads: int = 1
    sizes: Sizes = field(default_factory=Sizes)
    log_directory: pathlib.Path | None = None

    @property
    def ca_file(self):
        """The authority of the STS that was started last."""
        return self.directory / "ca.pem"

    def log(self, name):
        return self.log_directory / f"{name}.log" if self.log_directory else None

    def folder(self, name):
        made = self.directory / name
        made.mkdir(exist_ok=True)
        return made
