#!/bin/sh
# Sets up everything that the Makefile's targets need, and nothing when all is there.
#
#   tools/setup.sh system run|test|build   system libraries and programs (Debian: through apt, as root)
#   tools/setup.sh packages                .venv with exactly the packages of requirements.lock
#
# PYTHON names the interpreter that makes .venv (default: python3).
set -eu
cd "$(dirname "$0")/.."
PYTHON="${PYTHON:-python3}"

say() { printf '%s\n' "$*"; }

stop() {
    say "$*" >&2
    exit 1
}

need_python() {
    command -v "$PYTHON" >/dev/null 2>&1 ||
        stop "Python 3.11 or newer is needed and '$PYTHON' is not there. Install it, or name one: make PYTHON=python3.12 ..."
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        stop "Python 3.11 or newer is needed; '$PYTHON' is $("$PYTHON" -V 2>&1). Name another: make PYTHON=python3.12 ..."
}

# Prints "package" for each Debian package whose library or program is missing.
missing() {
    "$PYTHON" - "$1" "${DISPLAY:-}" <<'PROBE'
import ctypes
import importlib.util
import os
import shutil
import sys

mode, display = sys.argv[1:]
libraries = {
    "libglib2.0-0": "libglib-2.0.so.0",
    "libgl1": "libGL.so.1",
    "libegl1": "libEGL.so.1",
    "libx11-6": "libX11.so.6",
    "libdbus-1-3": "libdbus-1.so.3",
    "libfontconfig1": "libfontconfig.so.1",
    "libfreetype6": "libfreetype.so.6",
    "libxkbcommon0": "libxkbcommon.so.0",
}
if display or mode in {"test", "build"}:  # Qt's window system plugin; the application runs offscreen without a display
    libraries |= {
        "libxcb-cursor0": "libxcb-cursor.so.0",
        "libxcb-icccm4": "libxcb-icccm.so.4",
        "libxcb-image0": "libxcb-image.so.0",
        "libxcb-keysyms1": "libxcb-keysyms.so.1",
        "libxcb-randr0": "libxcb-randr.so.0",
        "libxcb-render-util0": "libxcb-render-util.so.0",
        "libxcb-shape0": "libxcb-shape.so.0",
        "libxcb-xkb1": "libxcb-xkb.so.1",
        "libxkbcommon-x11-0": "libxkbcommon-x11.so.0",
        "libx11-xcb1": "libX11-xcb.so.1",
    }
programs = {"poppler-utils": "pdfsig", "libnss3-tools": "certutil"}
if mode == "test":
    programs |= {"qpdf": "qpdf", "dbus-daemon": "dbus-daemon", "nginx-light": "nginx", "systemd": "systemd-analyze", "gcc": "cc"}
    programs |= {"xvfb": "Xvfb", "openbox": "openbox", "xdotool": "xdotool", "xclip": "xclip"}  # tests/blackbox
    programs |= {"at-spi2-core": "/usr/libexec/at-spi-bus-launcher"}
if mode == "build":
    programs |= {"binutils": "objdump"}
wanted = []
for package, library in libraries.items():
    try:
        ctypes.CDLL(library)
    except OSError:
        wanted.append(package)
path = os.environ.get("PATH", os.defpath) + ":/usr/sbin"
wanted += [package for package, program in programs.items() if shutil.which(program, path=path) is None]
if mode == "test" and not os.path.exists("/usr/lib/nginx/modules/ngx_stream_module.so"):
    wanted.append("libnginx-mod-stream")
if mode == "test" and not os.path.exists("/usr/lib/python3/dist-packages/gi"):
    wanted.append("python3-gi")
if mode == "test" and not os.path.exists("/usr/include/stdio.h"):
    wanted.append("libc6-dev")  # the tests build a small library that writes down what goes to the disk
if importlib.util.find_spec("ensurepip") is None:
    wanted.append("python3-venv")
print(" ".join(wanted))
PROBE
}

system() {
    need_python
    [ "$(uname -s)" = Linux ] || return 0
    wanted="$(missing "$1")"
    [ -n "$wanted" ] || return 0
    if ! command -v apt-get >/dev/null 2>&1; then
        stop "Missing system packages (Debian's names): $wanted. Install your system's equivalents, then run make again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        stop "Missing system packages. Ask an administrator to run: apt-get install $wanted   Then run make again."
    fi
    say "Installing system packages: $wanted"
    apt-get update -qq
    # shellcheck disable=SC2086 # a list of package names
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $wanted >/dev/null
    wanted="$(missing "$1")"
    [ -z "$wanted" ] || stop "Still missing after installation: $wanted. Install them by hand, then run make again."
}

packages() {
    need_python
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "Making .venv with $("$PYTHON" -V 2>&1)"
        rm -rf .venv
        "$PYTHON" -m venv .venv
    fi
    say "Installing the packages of requirements.lock into .venv"
    .venv/bin/python -m pip install -qq --disable-pip-version-check --require-hashes --only-binary=:all: -r requirements.lock
    .venv/bin/python -m pip install -qq --disable-pip-version-check --no-deps --no-build-isolation -e .
}

case "${1:-}" in
system) system "${2:-run}" ;;
packages) packages ;;
*) stop "usage: tools/setup.sh system run|test|build, or tools/setup.sh packages" ;;
esac
