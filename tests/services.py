"""PostgreSQL and Redis for a test run: started from Debian's packages, gone with it.

Everything lives in one temporary directory, on a socket and a free port, and runs as an ordinary
user where the run is root. ``python -m tests.services COMMAND`` runs a command with `DATABASE_URL`
and `REDIS_URL` set; it touches no server that was there before.
"""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

DATABASE = "tianhui"
START_SECONDS = 30


class ServiceMissing(RuntimeError):
    """A server's program is not installed; the message names the package."""


def find_program(name: str, *, package: str) -> str:
    """The path of a server's program; PostgreSQL's newest version where there are several."""
    versions = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(versions, key=lambda path: int(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise ServiceMissing(f"{name} is not installed: apt-get install {package}")
    return found


def ordinary_user() -> dict[str, Any]:
    """How `subprocess` becomes an ordinary user; nothing where the run already is one."""
    if os.getuid() != 0:
        return {}
    names = {entry.pw_name for entry in pwd.getpwall()}
    entry = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def _owned_directory(parent: Path, name: str) -> Path:
    directory = parent / name
    directory.mkdir(mode=0o700)
    as_user = ordinary_user()
    if as_user:
        os.chown(directory, as_user["user"], as_user["group"])
    return directory


def _dies_with_us(command: list[str]) -> list[str]:
    # A run that is killed outright must not leave a server behind.
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT", *command] if setpriv else command


@contextmanager
def _server(command: list[str], *, log: Path, cwd: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            _dies_with_us(command), stdout=output, stderr=output, cwd=cwd, **ordinary_user()
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], *, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        if ready():
            return
        time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text(errors='replace')}")


def _accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def start_postgresql(parent: Path) -> Iterator[str]:
    """Yield the `DATABASE_URL` of a fresh cluster under `parent` (a short path: it is a socket)."""
    initdb = find_program("initdb", package="postgresql")
    home = _owned_directory(parent, "pg")
    log = parent / "postgresql.log"
    common = ["--username", DATABASE, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]
    subprocess.run(
        [initdb, "--no-sync", *common, str(home / "data")],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        **ordinary_user(),
    )
    # Speed over durability: the cluster lives for one run. Only PostgreSQL's own crash needs fsync.
    options = {
        "listen_addresses": "",
        "unix_socket_directories": str(home),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        # It would count tables that are empty between two tests, and plan for none.
        "autovacuum": "off",
        "max_connections": "100",
    }
    settings = [part for name, value in options.items() for part in ("-c", f"{name}={value}")]
    server = find_program("postgres", package="postgresql")
    with _server([server, "-D", str(home / "data"), *settings], log=log, cwd=home) as process:
        at_socket = ["-h", str(home), "-U", DATABASE]
        is_ready = [find_program("pg_isready", package="postgresql"), "-q", *at_socket]
        _wait_until(lambda: subprocess.call(is_ready) == 0, process, log=log)
        createdb = find_program("createdb", package="postgresql")
        subprocess.run([createdb, *at_socket, DATABASE], check=True)
        yield f"postgres://{DATABASE}@{quote(str(home), safe='')}/{DATABASE}"


@contextmanager
def start_redis(parent: Path) -> Iterator[str]:
    """Yield the `REDIS_URL` of a server that writes nothing to disk."""
    program = find_program("redis-server", package="redis-server")
    home = _owned_directory(parent, "redis")
    log = parent / "redis.log"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--bind", "127.0.0.1", "--port", str(port), "--dir", str(home)]
    command += ["--save", "", "--appendonly", "no"]
    with _server(command, log=log, cwd=home) as process:
        _wait_until(lambda: _accepts(port), process, log=log)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def start_services() -> Iterator[dict[str, str]]:
    """Both servers, and the environment that points at them."""
    with ExitStack() as stack:
        parent = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="tianhui-")))
        parent.chmod(0o755)
        yield {
            "DATABASE_URL": stack.enter_context(start_postgresql(parent)),
            "REDIS_URL": stack.enter_context(start_redis(parent)),
        }


def main(command: list[str]) -> int:
    """Run `command` with the services and return its exit code; Ctrl-C reaches the command."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with start_services() as addresses:
        process = subprocess.Popen(command, env={**os.environ, **addresses})
        try:
            while True:
                with suppress(KeyboardInterrupt):
                    return process.wait()
        finally:
            # Asked to stop ourselves: the command must not go on without its servers.
            process.terminate()
            process.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
