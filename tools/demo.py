"""Shows Casebook at work: `make demo`, or `python tools/demo.py FOLDER`.

Starts a central server on this computer with a demo site and one enrolled laptop. With a screen it
opens the application on that laptop; without one it works the same windows through the main job,
checks every step, and leaves pictures and papers in FOLDER. Exit status 0: every step was verified.
"""

import os
import runpy
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SITE_TIME = Path("/usr/share/zoneinfo/Asia/Shanghai")
"""The demo site lies in China: its laptops show the time there."""


def has_display() -> bool:
    """Tell whether windows can be shown to somebody."""
    if sys.platform in {"win32", "darwin"}:
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def go_to_site_time() -> None:
    """Set this process's clock to the time zone of the demo site, where the system knows it."""
    if SITE_TIME.exists():
        os.environ["TZ"] = "/".join(SITE_TIME.parts[-2:])
        time.tzset()


if __name__ == "__main__":
    sys.path.append(str(ROOT))  # the demonstration works the windows with the hands of the journey tests
    if not has_display():
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
        go_to_site_time()
    runpy.run_module("demonstration", run_name="__main__")
