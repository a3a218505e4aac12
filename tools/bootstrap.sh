#!/bin/sh
# Make .venv ready: find a Python that runs, install uv by hash, then the locked dependencies, then this project.
#
# A second run with the same lock returns at once. The environment counts as ready only when its stamp, written last,
# holds the check sums of what it was made from; an interrupted set-up is thrown away and made again.
# `bootstrap.sh jax` (or boost, or spark) then adds an extra from its own lock, which agrees with the first one.
set -eu

root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
cd "$root"

venv=.venv
python=$venv/bin/python
stamp=$venv/.outlay            # empty while the dependencies are being installed
extra=${1:-}
guard=.venv.lock               # a folder, because making one is atomic everywhere
versions="3.12 3.13 3.14"      # those for which every locked package has a wheel

say() { printf '%s\n' "$*" >&2; }

# ------------------------------------------------------------------------------------------- what the stamp must say
locked_state() { printf '%s\n' "$root"; cksum requirements/lock.txt requirements/uv.txt tools/bootstrap.sh; }
project_state() { cksum pyproject.toml setup.py; }
wanted() { locked_state; project_state; }

extra_state() { cksum "requirements/$extra.txt"; }
extra_ready() { [ -z "$extra" ] || [ "$(cat "$stamp-$extra" 2>/dev/null || :)" = "$(extra_state)" ]; }

runs() { "$python" -I -c '' 2>/dev/null; }
ready() { [ -s "$stamp" ] && [ "$(cat "$stamp")" = "$(wanted)" ] && runs; }

# --------------------------------------------------------------------------------------------------- a Python that runs
# Prints the interpreter's real path, or, failing, why one that does run is of no use.
probe() {
    "$1" -I - "$versions" 2>/dev/null <<'PY'
import sys, sysconfig
minor = "%d.%d" % sys.version_info[:2]
if minor not in sys.argv[1].split():
    sys.exit(1)
if sys.implementation.name != "cpython" or sysconfig.get_config_var("Py_GIL_DISABLED") or sys.maxsize < 2**32:
    print("lacks wheels: needs a 64-bit CPython with the GIL")
    sys.exit(2)
missing = []
for name in ("venv", "ensurepip", "ssl", "ctypes", "sqlite3", "zlib"):
    try:
        __import__(name)
    except ImportError:
        missing.append(name)
if missing:
    print("is Python %s without %s" % (minor, ", ".join(missing)))
    sys.exit(2)
print(sys.executable)
PY
}

candidates() {
    first=$(cut -d. -f1,2 .python-version 2>/dev/null || :)
    others=$(printf '%s' "$versions" | sed "s/$first//")
    for minor in $first $others; do
        printf '%s\n' "python$minor"
        for bin in "${PYENV_ROOT:-$HOME/.pyenv}/versions/$minor"*/bin "$HOME/.local/bin" /usr/local/bin /opt/homebrew/bin \
            "${XDG_DATA_HOME:-$HOME/.local/share}/uv/python/cpython-$minor"*/bin; do
            [ -x "$bin/python$minor" ] && printf '%s\n' "$bin/python$minor"
        done
    done
    printf '%s\n' python3 python
}

find_python() {
    rejected=
    list=$(candidates)
    old_ifs=$IFS
    IFS='
'
    set -f
    for candidate in $list; do
        IFS=$old_ifs
        if answer=$(probe "$candidate"); then
            printf '%s\n' "$answer"
            return 0
        elif [ -n "$answer" ]; then
            rejected="$rejected  $candidate $answer
"
        fi
    done
    say "Outlay needs Python 3.12, 3.13 or 3.14, and none of them runs here."
    if [ -n "$rejected" ]; then
        say "Found, but not usable:"
        say "${rejected%?}"
    fi
    say "Install one in any of these ways, then run the same command again:
  Debian, Ubuntu     sudo apt install python3 python3-venv       (Debian 13, Ubuntu 24.04 or newer)
  Fedora             sudo dnf install python3.12
  macOS (Homebrew)   brew install python@3.12
  pyenv              pyenv install 3.12
  uv                 uv python install 3.12"
    return 1
}

# ------------------------------------------------------------------------------------------------------------- installs
# uv does not read pip's configuration: hand on what decides whether a download works at all.
pip_setting() { "$python" -I -m pip config list 2>/dev/null | sed -n "s/^[^=]*\.$1='\(.*\)'\$/\1/p" | head -n 1; }

adopt_pip_settings() {
    index=$(pip_setting index-url)
    cert=$(pip_setting cert)
    proxy=$(pip_setting proxy)
    if [ -n "$index" ]; then export UV_DEFAULT_INDEX="${UV_DEFAULT_INDEX:-$index}"; fi
    if [ -n "$cert" ]; then export SSL_CERT_FILE="${SSL_CERT_FILE:-$cert}"; fi
    if [ -n "$proxy" ]; then export ALL_PROXY="${ALL_PROXY:-$proxy}"; fi
}

install_locked() {
    say "Installing the locked dependencies (about 1.5 GB on disk; a few minutes the first time)."
    "$python" -I -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements/uv.txt
    adopt_pip_settings
    # bytecode now: with PYTHONDONTWRITEBYTECODE set, it would otherwise be compiled again at every start
    if "$venv/bin/uv" pip install --quiet --python "$python" --require-hashes --no-deps --compile-bytecode \
        -r requirements/lock.txt; then
        return 0
    fi
    say "uv could not install them; trying with pip, which is slower and knows every setting of yours."
    "$python" -I -m pip install --disable-pip-version-check --no-deps --require-hashes -r requirements/lock.txt
}

install_extra() {
    say "Adding the extra $extra (200 to 700 MB on disk)."
    adopt_pip_settings
    "$venv/bin/uv" pip install --quiet --python "$python" --require-hashes --no-deps --compile-bytecode \
        -r "requirements/$extra.txt" && return 0
    say "uv could not install it; trying with pip, which is slower and knows every setting of yours."
    "$python" -I -m pip install --disable-pip-version-check --no-deps --require-hashes -r "requirements/$extra.txt"
}

# Compat mode is a plain path entry; the default installs an import hook that slows every start.
install_project() {
    "$venv/bin/uv" pip install --quiet --offline --python "$python" --no-deps --no-build-isolation \
        --config-setting editable_mode=compat --editable .
}

make_venv() {
    if [ -e "$venv" ] && [ ! -e "$stamp" ]; then
        say "$root/$venv was not made by this project's set-up. Move it away or remove it, then try again."
        return 1
    fi
    base=$(find_python)
    say "Making $venv with $("$base" -I -V) ($base)."
    rm -rf "$venv"
    mkdir "$venv"
    : >"$stamp"
    "$base" -I -m venv "$venv"
    install_locked
}

write_stamp() {
    "$1" >"$stamp.new"
    mv "$stamp.new" "${2:-$stamp}"
}

take_guard() {
    told=
    until mkdir "$guard" 2>/dev/null; do
        owner=$(cat "$guard/pid" 2>/dev/null || :)
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$guard"
            continue
        fi
        [ -n "$told" ] || say "Another set-up (process ${owner:-unknown}) is at work here; waiting. If none is, remove $guard."
        told=yes
        sleep 1
    done
    trap 'rm -rf "$guard"' EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM HUP
    printf '%s\n' "$$" >"$guard/pid"
}

if [ -n "$extra" ] && [ ! -f "requirements/$extra.txt" ]; then
    say "There is no extra $extra: requirements/$extra.txt is missing."
    exit 2
fi
if ready && extra_ready; then exit 0; fi
take_guard                     # another process may finish it meanwhile: everything is asked again

if ! ready; then
    locked=$(locked_state)
    case "$(cat "$stamp" 2>/dev/null || :)" in
        "$locked"*) runs || make_venv ;;
        *) make_venv ;;
    esac
    write_stamp locked_state   # the dependencies are good, whatever becomes of the next step
    install_project
    write_stamp wanted
    say "Ready: $root/$venv"
fi
if ! extra_ready; then
    install_extra
    write_stamp extra_state "$stamp-$extra"
fi
