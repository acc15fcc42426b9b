"""Programs that run together end together: nothing outlives the one who asked for them.

Every child holds the supervisor's standard output, so its end of file proves that all are gone.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

WAIT = "import os, signal; os.write(1, b'up\\n'); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + WAIT
# A helper of a helper that would live on if only its parent were ended.
WITH_HELPER = (
    f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); {WAIT}"
)
ENDS = "import os, sys; os.write(1, b'up\\n'); sys.stdin.read(); sys.exit(3)"


@contextmanager
def supervisor(*programs: str, lines: int) -> Iterator[subprocess.Popen[str]]:
    """A supervisor of Python programs, once `lines` of them say that they are up."""
    commands = {f"p{n}": [sys.executable, "-c", code] for n, code in enumerate(programs)}
    code = (
        "import sys; from aggregator.supervisor import supervise; "
        f"sys.exit(supervise({commands!r}, say=print, stop_seconds=1))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    for _ in range(lines):
        assert process.stdout.readline() == "up\n"
    try:
        yield process
    finally:
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_signal_ends_all_programs(number: signal.Signals) -> None:
    with supervisor(WAIT, WAIT, lines=2) as process:
        process.send_signal(number)
        said, _ = process.communicate(timeout=20)
    assert said == "Stopping.\n"
    assert process.returncode == 0


def test_one_program_that_ends_takes_the_others_along_and_is_named() -> None:
    with supervisor(WAIT, ENDS, lines=2) as process:
        said, _ = process.communicate(timeout=20)
    assert said == "p1 ended by itself, code 3: stopping the rest.\n"
    assert process.returncode == 1


def test_a_program_that_will_not_stop_is_killed_with_its_helpers() -> None:
    with supervisor(WITH_HELPER, STUBBORN, lines=3) as process:
        process.send_signal(signal.SIGINT)
        said, _ = process.communicate(timeout=20)
    assert said == "Stopping.\n"


def test_programs_end_when_the_supervisor_is_killed_outright() -> None:
    with supervisor(WAIT, WAIT, lines=2) as process:
        process.kill()
        said, _ = process.communicate(timeout=20)
    assert said == ""


def test_a_command_that_does_not_exist_leaves_nothing_running() -> None:
    commands = {"a": [sys.executable, "-c", WAIT], "b": ["/no/such/program"]}
    code = (
        "from aggregator.supervisor import supervise; import sys\n"
        f"sys.exit(supervise({commands!r}, say=print))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], check=False, capture_output=True, text=True, timeout=30
    )
    assert done.returncode == 1
    assert "No such file" in done.stderr
