"""Writing so that a crash leaves the old state or the whole new one, and never a half.

What is being written lives in a hidden file or folder beside its place, whose name says who writes it (process id,
start of that process, machine). It is flushed to disk and then renamed into place, which the file system does in one
step. What a killed process left behind is removed by the next one that comes by: :func:`sweep`.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import hashlib
import os
import re
import secrets
import shutil
import signal
import socket
import stat
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import NoReturn

from outlay.errors import RunError
from outlay.objects import address_in, write_object

ABANDONED_AFTER = 7 * 86400.0
"""Seconds without a change after which another machine's unfinished write counts as abandoned: whether the process of
another machine (or container) still lives cannot be asked, and no write pauses for a week."""

_LOCK_PATIENCE = 60.0  # seconds; the lock is held for a rename, so a minute means a hung file system
_UNFINISHED = re.compile(r"\.writing-(?P<pid>[1-9]\d*)-(?P<start>\d+)-(?P<place>[0-9a-f]{8})-[0-9a-f]{8}")
_DEAD = -1  # start of a process that has ended and only waits for its parent to notice
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_NO_RIGHT = {errno.EACCES, errno.EPERM, errno.EROFS}
STORAGE_FAULTS = _NO_ROOM | _NO_RIGHT | {errno.EIO}
"""Error numbers that speak of the disk and not of what was being written."""


def write_error(problem: OSError, where: Path, *, id: str) -> RunError:
    """The operating system's refusal to write, in words and with a repair."""
    if problem.errno in _NO_ROOM:
        what = "the disk is full, or a quota or a limit on file sizes is reached; nothing was written"
        repair = "Free some space or write to another disk, then run the command again."
    elif problem.errno in _NO_RIGHT:
        what = "this folder cannot be written to (read-only, or without permission); nothing was written"
        repair = "Give yourself permission to write there, or name another folder."
    elif problem.errno in (errno.ENOTDIR, errno.EEXIST):
        what = "a file stands where a folder is needed; nothing was written"
        repair = "Move that file away, or name another folder."
    else:
        what = f"it cannot be written ({problem.strerror or type(problem).__name__}); nothing was written"
        repair = "Check the path and the disk, then run the command again."
    return RunError(what, where=str(where), repair=repair, id=id)


def unfinished_name() -> str:
    """A fresh hidden name that says which process writes under it."""
    return f".writing-{os.getpid()}-{_process_start(os.getpid()) or 0}-{_place()}-{secrets.token_hex(4)}"


def sweep(folder: Path) -> list[Path]:
    """Remove what killed processes left unfinished in a folder; what a living process writes is never touched.

    Returns
    -------
    list of Path
        What was removed. A folder that cannot be read or written is left alone without a word: the command that needs
        it will say so.
    """
    removed: list[Path] = []
    with contextlib.suppress(OSError), os.scandir(folder) as entries:
        for entry in list(entries):
            match = _UNFINISHED.fullmatch(entry.name)
            if match and _abandoned(Path(entry.path), match):
                remove(Path(entry.path))
                removed.append(Path(entry.path))
    return removed


def remove(path: Path) -> None:
    """Delete a file or a folder tree as far as possible; what cannot be deleted now is swept later."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with contextlib.suppress(OSError):
            path.unlink()


def atomic_write(path: Path | str, data: bytes | str) -> Path:
    """Write a whole file or leave the old one as it was.

    Parameters
    ----------
    path : Path or str
        Where to; missing folders are made, a symbolic link is followed, the rights of an existing file are kept. A
        device or a pipe is written to directly, and ``s3://bucket/name`` and its like to cloud storage.
    data : bytes or str
        The content; text is written as UTF-8.

    Returns
    -------
    Path
        The file written.

    Raises
    ------
    RunError
        Where the place cannot be written to.
    """
    place = Path(path)
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    address = address_in(place)
    if address is not None:
        write_object(address, content)
        return place
    try:
        target = place.resolve()
        if target.exists() and not (target.is_file() or target.is_dir()):
            target.write_bytes(content)  # renaming over /dev/stdout would replace the device
            return place
        if target.is_dir():
            raise IsADirectoryError(errno.EISDIR, "it is a folder")
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep(target.parent)
        _replace(target, content)
    except OSError as problem:
        raise write_error(problem, place, id="R008") from problem
    return place


def _replace(target: Path, content: bytes) -> None:
    unfinished = target.parent / unfinished_name()
    try:
        with open(unfinished, "xb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        if target.exists():
            os.chmod(unfinished, stat.S_IMODE(target.stat().st_mode))
        os.replace(unfinished, target)
    except BaseException:
        remove(unfinished)
        raise
    sync_folder(target.parent)


def sync_file(path: Path) -> None:
    """Make sure that a file's content is on the disk."""
    with open(path, "rb+") as opened:
        os.fsync(opened.fileno())


def sync_folder(path: Path) -> None:
    """Make sure that a folder's list of names is on the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as problem:
        # Some network and FUSE file systems have no such call; the rename is atomic there all the same.
        if problem.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(handle)


def sha256_of(path: Path) -> str:
    """Hash of a file's content."""
    with open(path, "rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


@contextlib.contextmanager
def folder_lock(folder: Path) -> Iterator[None]:
    """Hold a folder's lock. The system frees it when the holder dies, however that happens.

    Raises
    ------
    RunError
        Where another process holds it for a minute.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / ".lock", timeout=_LOCK_PATIENCE)
    try:
        lock.acquire()
    except Timeout as problem:
        raise RunError(
            f"another process has held the lock of this folder for {_LOCK_PATIENCE:.0f} seconds",
            where=str(folder),
            repair="Wait for it or end it, then run the command again. The lock goes away with the process.",
            id="R009",
        ) from problem
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def exit_on_termination() -> Iterator[None]:
    """Inside the block SIGTERM and SIGHUP raise ``SystemExit`` (128 + number), so that clean-up code runs.

    Handlers that somebody else installed stay, and threads other than the main one cannot install any.
    """
    replaced: list[signal.Signals] = []
    owner = os.getpid()

    def leave(number: int, frame: FrameType | None) -> NoReturn:
        if os.getpid() != owner:  # a forked child inherits the handler but owns nothing to clean up
            signal.signal(number, signal.SIG_DFL)
            os.kill(os.getpid(), number)
        raise SystemExit(128 + number)

    if threading.current_thread() is threading.main_thread():
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, leave)
                replaced.append(number)
    try:
        yield
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


def _abandoned(path: Path, name: re.Match[str]) -> bool:
    if name["place"] == _place() and os.name != "nt":
        return not _alive(int(name["pid"]), int(name["start"]))
    return time.time() - _last_change(path) > ABANDONED_AFTER


def _last_change(path: Path) -> float:
    """Newest modification time in a tree; now where something vanishes under the eyes."""
    try:
        return max(item.lstat().st_mtime for item in (path, *path.rglob("*")))
    except OSError:
        return time.time()


def _alive(pid: int, start: int) -> bool:
    """Whether this very process still runs; a later process with the same number has another start."""
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # it is someone else's process, so it exists
    now = _process_start(pid)
    return now is None or (now != _DEAD and start in (0, now))


def _process_start(pid: int) -> int | None:
    """Start of a process in clock ticks after boot; None where the system does not tell."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
        return _DEAD if fields[0] in "ZX" else int(fields[19])
    except (OSError, IndexError, ValueError):
        return None


@functools.cache
def _place() -> str:
    """Eight hex digits for this machine and its space of process ids (containers count their own)."""
    try:
        space = os.readlink("/proc/self/ns/pid")
    except OSError:
        space = ""
    return hashlib.sha256(f"{socket.gethostname()} {space}".encode()).hexdigest()[:8]
