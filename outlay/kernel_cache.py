"""Compiled functions: where they are kept on disk.

They lie in a folder whose name is a hash of everything that they are made from: all source files together, the
compilers' versions, and the processor. Numba itself looks only at the file of the function that is called, so a change
in a helper would leave a stale function behind.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.metadata import version
from pathlib import Path
from typing import Any

KEEP_SECONDS = 30 * 86400.0
"""Age after which a folder of another version of the sources is removed: nobody goes back that far often."""

_FAST: frozenset[str] = frozenset({"reassoc", "contract", "nsz", "arcp", "afn"})
"""Liberties for the compiler. Not ``nnan`` and ``ninf``: a density that is not a number has to be seen as one."""


def cache_home() -> Path:
    """The user's folder for what can be made again: ``OUTLAY_CACHE_DIR``, or the system's cache folder."""
    own = os.environ.get("OUTLAY_CACHE_DIR")
    if own:
        return Path(own)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "outlay"


@dataclass(frozen=True)
class KernelCache:
    """Compiles functions and keeps them on disk, as long as nothing that they are made from changes.

    Attributes
    ----------
    name : str
        Begins the folder's name.
    sources : tuple of Path
        Every file that the functions are written in.
    """

    name: str
    sources: tuple[Path, ...]

    @cached_property
    def key(self) -> str:
        """Hash of the sources, the compilers and the processor."""
        digest = hashlib.sha256()
        for source in sorted((*self.sources, Path(__file__))):
            digest.update(f"{source.name}\0".encode() + source.read_bytes() + b"\0")
        digest.update("\0".join(_machine()).encode())
        return digest.hexdigest()[:20]

    @cached_property
    def folder(self) -> Path | None:
        """Where compiled functions are kept; None where nothing can be written."""
        folder = cache_home() / f"{self.name}-{self.key}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            os.utime(folder)
        except OSError:
            return None
        self._sweep(folder)
        return folder

    @cached_property
    def _place(self) -> str:
        """Hash of the folders that the sources lie in: numba keeps what it compiles for each of them apart."""
        return hashlib.sha256("\0".join(sorted({str(source.parent) for source in self.sources})).encode()).hexdigest()[
            :12
        ]

    @property
    def told(self) -> str:
        """Where compiled functions are kept, in words."""
        if self.folder is None:
            return f"compiled functions are not kept: {cache_home()} cannot be written to"
        return f"compiled functions are kept in {self.folder}"

    def njit(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Compile a function when it is first called."""
        import numba

        with self._kept():
            return numba.njit(function, **self._options)

    def cfunc(self, signature: Any) -> Callable[[Callable[..., Any]], Any]:
        """Compile a function with a C address, at once."""
        import numba

        def decorate(function: Callable[..., Any]) -> Any:
            with self._kept():
                options = {key: value for key, value in self._options.items() if key != "nogil"}
                return numba.cfunc(signature, **options)(function)

        return decorate

    def loaded[T](self, make: Callable[[], T]) -> T:
        """What ``make`` compiles, loaded from the disk on the first call ever, too.

        A process that compiles functions and one that loads them take some of their parts from other copies, rounded
        otherwise, and a chain's draws follow from every last bit. So what is not kept yet is compiled in a process of
        its own.

        Parameters
        ----------
        make : callable
            A function of a module, without arguments, that compiles or loads.
        """
        if self.folder is not None and sys.executable:
            kept = self.folder / f"{make.__module__}.{make.__qualname__}.{self._place}.kept"
            if not kept.exists() and self._made_apart(make.__module__, make.__qualname__):
                kept.touch()
        return make()

    def _made_apart(self, module: str, name: str) -> bool:
        """Compile in another Python, which keeps what it made; False where that did not work."""
        paths = {"OUTLAY_CACHE_DIR": str(cache_home()), "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        done = subprocess.run(  # noqa: S603  (this Python, and a name of our own)
            [sys.executable, "-c", f"from {module} import {name}; {name}()"],
            env=os.environ | paths,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        return done.returncode == 0

    @property
    def _options(self) -> dict[str, Any]:
        options: dict[str, Any] = {"fastmath": set(_FAST), "error_model": "numpy", "nogil": True}
        return options | {"cache": self.folder is not None}

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Numba reads its folder when a function is decorated; other users of numba keep theirs."""
        import numba

        before = numba.config.CACHE_DIR
        if self.folder is not None:
            numba.config.CACHE_DIR = str(self.folder)
        try:
            yield
        finally:
            numba.config.CACHE_DIR = before

    def _sweep(self, mine: Path) -> None:
        """Remove folders of other versions that nobody has used for long."""
        for other in mine.parent.glob(f"{self.name}-*"):
            try:
                if other != mine and time.time() - other.stat().st_mtime > KEEP_SECONDS:
                    shutil.rmtree(other)
            except OSError:
                continue  # another process was quicker, or it is not ours to remove


def _machine() -> tuple[str, ...]:
    """What compiled code depends on beside its sources."""
    llvm = importlib.import_module("llvmlite.binding")
    features = ",".join(sorted(f"{name}{on}" for name, on in llvm.get_host_cpu_features().items()))
    versions = (version("numba"), version("llvmlite"), version("numpy"), platform.python_version())
    return (*versions, platform.machine(), sys.platform, llvm.get_host_cpu_name(), features)
