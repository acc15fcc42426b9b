"""Compares the two brokers that need no server: what a killed worker loses, delay, idle cost.

``python -m benchmarks.broker.measure`` prints the table kept in ``benchmarks/RESULTS.md``.
"""

from __future__ import annotations

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

BURST = 500
IDLE_SECONDS = 20
TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


class Trial:
    """One broker in an empty folder, with a worker that can be started and killed."""

    def __init__(self, broker: str, home: Path) -> None:
        self.home = home
        self.environment = {**os.environ, "BROKER": broker, "BROKER_HOME": str(home)}

    @contextmanager
    def worker(self) -> Iterator[subprocess.Popen[bytes]]:
        celery = [sys.executable, "-W", "ignore", "-m", "celery", "-A", "benchmarks.broker.app"]
        options = ["--concurrency", "2", "--without-gossip", "--without-mingle"]
        with (self.home / "worker.log").open("ab") as log:
            process = subprocess.Popen(
                [*celery, "worker", *options, "--without-heartbeat", "--loglevel", "INFO"],
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        try:
            yield process
        finally:
            kill_group(process)

    def send(self, task: str, first: int, count: int, *, pause: float = 0.0) -> list[float]:
        """Send from another process, as the web server does; return when each was sent."""
        code = (
            f"import time\nfrom benchmarks.broker.app import {task} as task\n"
            f"for n in range({first}, {first + count}):\n"
            f"    print(time.time()); task.delay(n); time.sleep({pause})"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], env=self.environment, capture_output=True, check=True
        )
        return [float(line) for line in done.stdout.split()]

    def notes(self, event: str) -> list[tuple[int, int, float]]:
        path = self.home / "notes.txt"
        lines = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [(int(n), int(pid), float(at)) for name, n, pid, at in lines if name == event]

    def wait_for(self, event: str, count: int, *, seconds: float = 60) -> bool:
        deadline = time.monotonic() + seconds
        while len(self.notes(event)) < count and time.monotonic() < deadline:
            time.sleep(0.05)
        return len(self.notes(event)) >= count

    def forget(self) -> None:
        (self.home / "notes.txt").unlink(missing_ok=True)


def kill_group(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def cpu_seconds(group: int) -> float:
    """CPU time so far of all living processes of a process group."""
    total = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            values = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(values[2]) == group:
            total += int(values[11]) + int(values[12])
    return total / TICKS_A_SECOND


def measure_delay(trial: Trial) -> str:
    with trial.worker():
        trial.send("quick", 0, 1)
        trial.wait_for("end", 1)
        trial.forget()
        sent = trial.send("quick", 0, 20, pause=0.37)
        trial.wait_for("end", 20)
    took = [at - sent[number] for number, _, at in trial.notes("end")]
    return f"{statistics.median(took):.2f} s, {max(took):.2f} s"


def measure_idle(trial: Trial) -> str:
    with trial.worker() as process:
        trial.send("quick", 0, 1)
        trial.wait_for("end", 1)
        before = cpu_seconds(process.pid)
        time.sleep(IDLE_SECONDS)
        spent = cpu_seconds(process.pid) - before
    return f"{100 * spent / IDLE_SECONDS:.2f}% of a core"


def measure_burst(trial: Trial) -> str:
    with trial.worker():
        trial.send("quick", -1, 1)
        trial.wait_for("end", 1)
        trial.forget()
        started = time.monotonic()
        senders = [
            subprocess.Popen([sys.executable, "-c", burst_code(first)], env=trial.environment)
            for first in (0, BURST)
        ]
        for sender in senders:
            sender.wait()
        trial.wait_for("end", 2 * BURST, seconds=90)
        took = time.monotonic() - started
    times = Counter(number for number, _, _ in trial.notes("end"))
    missing = 2 * BURST - len(times)
    twice = sum(count > 1 for count in times.values())
    return f"{took:.1f} s; {missing} missing, {twice} twice"


def burst_code(first: int) -> str:
    return (
        "from benchmarks.broker.app import quick\n"
        f"for n in range({first}, {first + BURST}): quick.delay(n)"
    )


def measure_child_kill(trial: Trial) -> str:
    """kill -9 of the pool process that is in the task; the worker lives on."""
    with trial.worker():
        trial.send("slow", 0, 1)
        trial.wait_for("begin", 1)
        os.kill(trial.notes("begin")[0][1], signal.SIGKILL)
        again = trial.wait_for("end", 1, seconds=15)
    return "run again" if again else "lost"


def measure_worker_kill(trial: Trial) -> str:
    """kill -9 of the whole worker, two tasks begun and eight waiting; then a new worker."""
    with trial.worker():
        trial.send("slow", 0, 10)
        trial.wait_for("begin", 2)
    begun = {number for number, _, _ in trial.notes("begin")}
    done = {number for number, _, _ in trial.notes("end")}
    with trial.worker():
        trial.wait_for("end", 10, seconds=20)
    ended = {number for number, _, _ in trial.notes("end")}
    waiting = set(range(10)) - begun
    in_flight = begun - done
    return (
        f"begun: {len(ended & in_flight)} of {len(in_flight)} run again; "
        f"waiting: {len(ended & waiting)} of {len(waiting)} run"
    )


def measure_sender_kill(trial: Trial) -> str:
    """kill -9 of senders, a hundred times, while they send; does the worker live through it?"""
    code = (
        "import os, random, signal, time\n"
        "from benchmarks.broker.app import quick\n"
        "for number in range(100):\n"
        "    pid = os.fork()\n"
        "    while pid == 0: quick.delay(number)\n"
        "    time.sleep(random.uniform(0.02, 0.06)); os.kill(pid, signal.SIGKILL); os.wait()\n"
    )
    with trial.worker() as process:
        trial.send("quick", -1, 1)
        trial.wait_for("end", 1)
        subprocess.run([sys.executable, "-c", code], env=trial.environment, check=True)
        time.sleep(5)
        return "worker lives" if process.poll() is None else "worker dies of a half-written message"


def measure_left_behind(trial: Trial) -> str:
    """Bytes that stay in the broker's own files after a burst is done."""
    measure_burst(trial)
    kept = [p for p in trial.home.rglob("*") if p.is_file() and p.suffix not in {".txt", ".log"}]
    return f"{sum(path.stat().st_size for path in kept) / 1024:.0f} KiB in {len(kept)} files"


MEASURES = {
    "delay from `delay()` to the task: median, worst of 20": measure_delay,
    "idle worker": measure_idle,
    f"two processes send {2 * BURST} tasks": measure_burst,
    "left on disk after that": measure_left_behind,
    "kill -9 of 100 senders in mid-send": measure_sender_kill,
    "kill -9 of the pool process in mid-task": measure_child_kill,
    "kill -9 of the whole worker in mid-task": measure_worker_kill,
}


def main() -> None:
    brokers = ("filesystem", "sqlalchemy")
    print(f"| | {' | '.join(brokers)} |\n|---|---|---|")
    for title, measure in MEASURES.items():
        cells = []
        for broker in brokers:
            with tempfile.TemporaryDirectory() as folder:
                cells.append(measure(Trial(broker, Path(folder))))
        print(f"| {title} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
