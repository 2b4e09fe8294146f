"""`make bench`: what users wait for, side by side with its floor, in one run, as ratios.

python -m tests.bench [start] [save] [checks] [site] [windows] [subjects] [memory] [sync] [typing] [link] [load]
                      [guesses]
"""

import platform
import sys
from collections.abc import Callable, Iterable, Sequence

from tests.bench import (
    bench_checks,
    bench_guesses,
    bench_link,
    bench_load,
    bench_memory,
    bench_start,
    bench_store,
    bench_subjects,
    bench_sync,
    bench_typing,
    bench_windows,
)
from tests.bench.bench_store import Row

PARTS: dict[str, tuple[str, Callable[[], Sequence[Row]], str]] = {
    "start": ("Starting the application", bench_start.rows, "aim: within 3 times the bare window"),
    "save": ("Keeping one item, sealing one save", bench_store.rows, "aim: keeping within 2.5 times the fsync floor"),
    "checks": ("One subject, all forms filled", bench_checks.rows, "aim: under 20 ms after one entry"),
    "site": ("Opening a site", bench_start.site_rows, "aim: the list within 300 ms after the key is derived"),
    "windows": ("A hand at the windows", bench_windows.rows, "each beside a bare window, or the disk"),
    "subjects": ("From subject to subject", bench_subjects.rows, "aim: a casebook among 10,000 as among 272"),
    "memory": ("What the process holds while it is used", tuple, "aim: no growth"),
    "sync": ("A sync of 40 forms over TLS on loopback", bench_sync.rows, ""),
    "typing": ("Typing while an exchange crawls", bench_typing.rows, "aim: as if there were none"),
    "link": ("Over a bad link, beside PouchDB and Anki", tuple, "aim: 5,800, 350 and 900 bytes, one request, fastest"),
    "load": ("A thousand laptops at one server", bench_load.rows, "aim: a quarter of bare checking, no growth"),
    "guesses": ("Guessing a passphrase from a stolen key file", bench_guesses.rows, "aim: about a second a guess"),
}
NOTES: dict[str, Callable[[], Iterable[str]]] = {
    "guesses": bench_guesses.notes,
    "link": bench_link.report,
    "load": bench_load.notes,
    "memory": bench_memory.report,
}


def main(wanted: Sequence[str]) -> int:
    """Print each part's rows. Returns 2 for a part that is not known."""
    unknown = [name for name in wanted if name not in PARTS]
    if unknown:
        print(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})")
        return 2
    print(f"Python {platform.python_version()}, {platform.system()} {platform.machine()}")
    for name in wanted or PARTS:
        title, rows, aim = PARTS[name]
        print(f"\n{title}{f' ({aim})' if aim else ''}")
        for number, row in enumerate(rows()):
            if not number:
                print(f"  {'':60} {'median ms':>10} {'p95 ms':>10} {'ratio':>7}")
            print(f"  {row.name:60} {row.median_ms:10.3f} {row.p95_ms:10.3f} {row.ratio:6.2f}x")
        for line in NOTES[name]() if name in NOTES else ():
            print(f"  {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
