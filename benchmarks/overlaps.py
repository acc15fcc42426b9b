"""Overlaps among many plots: the sweep by tiles, against PostGIS's indexed self-join.

Both get the same plots as WKB and answer with the same pairs and their shared area. Each way runs
in a process of its own. PLOTS sets the size; without PostGIS its column says so.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

PLOTS = int(os.environ.get("PLOTS", "1000000"))
REPEATS = int(os.environ.get("REPEATS", "3"))
TOLERANCE = 0.01

# The geometries are in an equal-area plane already and the index is built: that is not timed.
# No index on the number: the planner would read it too, and take a hundred times longer.
_JOIN = f"""
SELECT count(*) FROM (
    SELECT a.id, b.id,
           ST_Area(ST_Intersection(a.shape, b.shape)) / least(ST_Area(a.shape), ST_Area(b.shape))
           AS share
    FROM plots a JOIN plots b ON a.id < b.id AND ST_Intersects(a.shape, b.shape)
) pairs WHERE share > {TOLERANCE}
"""


def run() -> None:
    """Measure both, in turn, and print a table."""
    print(f"{PLOTS:,} plots and the overlaps planted among them\n")
    print("| run | tiles, 1 thread | tiles, 2 threads | PostGIS | PostGIS ÷ tiles | peak memory |")
    print("|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory(prefix="tianhui-") as name:
        parent = Path(name)
        parent.chmod(0o755)
        _measure_in_turn(parent)


def _measure_in_turn(parent: Path) -> None:
    from tests.services import ServiceMissing, start_postgresql

    if not any(Path("/usr/share/postgresql").glob("*/extension/postgis.control")):
        print("PostGIS is not installed: apt-get install postgresql-15-postgis-3")
        return _print_rows(None)
    try:
        with start_postgresql(parent) as url:
            _ask("fill", url)
            return _print_rows(url)
    except ServiceMissing as missing:
        print(missing)
        return _print_rows(None)


def _print_rows(url: str | None) -> None:
    for number in range(1, REPEATS + 1):
        one, two = _ask("sweep", "1"), _ask("sweep", "2")
        join = _ask("join", url) if url else None
        for found in (one, two, join):
            assert found is None or found["found"] == one["planted"], found
        best = min(one["seconds"], two["seconds"])
        theirs, ratio = "not installed", "—"
        if join:
            theirs, ratio = f"{join['seconds']:.1f} s", f"{join['seconds'] / best:.1f}"
        memory = f"{two['peak_mb']:.0f} MB, of which {two['given_mb']:.0f} MB the plots"
        print(
            f"| {number} | {one['seconds']:.1f} s | {two['seconds']:.1f} s"
            f" | {theirs} | {ratio} | {memory} |",
            flush=True,
        )
    print(f"\nEach found the {one['planted']:,} planted pairs.")


def _ask(step: str, argument: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.overlaps", step, argument]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def sweep(threads: int) -> dict[str, float]:
    """Boxes are taken off the WKB within the time, as a table of boundaries would give them."""
    import shapely

    from benchmarks.overlap_plots import make_plots
    from farms.overlap_tiles import sweep_overlaps

    plots = make_plots(PLOTS)
    planted, boxes, stored = (
        plots.planted,
        shapely.bounds(plots.shapes),
        shapely.to_wkb(plots.shapes),
    )
    del plots
    given = _resident_mb()
    start = time.perf_counter()
    tiles = sweep_overlaps(
        boxes, lambda at: shapely.from_wkb(stored[at]), tolerance=TOLERANCE, threads=threads
    )
    found = sum(map(len, tiles))
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "seconds": seconds,
        "found": found,
        "planted": planted,
        "peak_mb": peak,
        "given_mb": given,
    }


def _resident_mb() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1024**2


def fill(url: str) -> dict[str, float]:
    """The same plots in an indexed table, their statistics taken."""
    import psycopg
    import shapely

    from benchmarks.overlap_plots import make_plots
    from farms.overlap_tiles import to_equal_area

    flat = shapely.to_wkb(to_equal_area(make_plots(PLOTS).shapes), hex=True)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("CREATE EXTENSION postgis")
        connection.execute("CREATE TABLE plots (id bigint, shape geometry(Polygon))")
        with connection.cursor().copy("COPY plots (id, shape) FROM STDIN") as copy:
            for number, shape in enumerate(flat):
                copy.write_row((number, shape))
        connection.execute("CREATE INDEX plots_shape ON plots USING gist (shape)")
        connection.execute("VACUUM ANALYZE plots")
    return {}


def join(url: str) -> dict[str, float]:
    """The self-join, with as much memory and as many workers as the machine gives."""
    import psycopg

    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SET work_mem = '256MB'")
        connection.execute("SET max_parallel_workers_per_gather = 2")
        start = time.perf_counter()
        found = connection.execute(_JOIN).fetchone()
        return {"seconds": time.perf_counter() - start, "found": found[0] if found else 0}


if __name__ == "__main__":
    _step, _argument = sys.argv[1:]
    _answer = (
        sweep(int(_argument))
        if _step == "sweep"
        else {"fill": fill, "join": join}[_step](_argument)
    )
    print(json.dumps(_answer))
