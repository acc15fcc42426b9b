"""`python -m benchmarks [NAME …]`: runs the benchmarks, all of them without a name.

A benchmark is a module here with `run()`, which prints a table; a line below makes it known.
"""

from __future__ import annotations

import importlib
import sys

BENCHMARKS = {
    "audit": "recording every change, against the same writes without the triggers",
    "settlement": "settling 100,000 households, against a bulk insert and the loop with the ORM",
    "quantify": "counting a period's tonnes, against a bulk insert of the same result rows",
    "lists": "the admin's long lists and the map with 200,000 fields, against 2,000",
    "overlaps": "overlaps among a million plots, against PostGIS's indexed self-join",
    "imports": "bringing in 50,000 fields of one file, step by step",
    "statement_pdf": "one statement's PDF, against plain WeasyPrint of the same HTML",
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"No benchmark {', '.join(unknown)}. There are: {', '.join(BENCHMARKS)}.")
        return 2
    for name in names or BENCHMARKS:
        print(f"\n## {name}: {BENCHMARKS[name]}\n", flush=True)
        importlib.import_module(f"benchmarks.{name}").run()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
