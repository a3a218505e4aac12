"""The one place where an exception becomes a message and an exit code.

Every command is wrapped by :func:`guard`. A refusal (:class:`outlay.errors.OutlayError`) is printed as id, place,
problem and repair; a fault of the machine (disk full, no permission) in the same form; an interruption as one line; and
a bug as one line that says how to report it. ``--debug`` lets the traceback through.
"""

from __future__ import annotations

import functools
import os
import signal
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, NoReturn, ParamSpec

import typer

if TYPE_CHECKING:
    from types import FrameType, TracebackType

    from outlay.errors import OutlayError

P = ParamSpec("P")

INTERRUPTED = 130


def guard[**P](command: Callable[P, None]) -> Callable[P, None]:
    """Wrap a command so that it ends with the documented exit codes and never with a traceback by surprise."""

    @functools.wraps(command)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> None:
        from outlay.errors import OutlayError

        sys.excepthook = sys.__excepthook__ if kwargs.get("debug") else _bug
        try:
            command(*args, **kwargs)
            sys.stdout.flush()
        except (typer.Exit, typer.Abort, typer.TyperException):
            raise
        except KeyboardInterrupt as stop:
            raise typer.Exit(interrupted()) from stop
        except BrokenPipeError as closed:
            raise typer.Exit(reader_left()) from closed
        except (OutlayError, OSError, MemoryError) as problem:
            if kwargs.get("debug"):
                import traceback

                traceback.print_exception(problem)
            raise typer.Exit(_report(problem, as_json=bool(kwargs.get("as_json")))) from problem

    return guarded


def interrupted() -> int:
    """Say in one line that the user stopped the work."""
    sys.stderr.write("interrupted: no half-written run is left.\n")
    return INTERRUPTED


def reader_left() -> int:
    """End quietly when the reader of a pipe has gone (``outlay roi | head -1``)."""
    # what is still buffered goes to the null device, or the interpreter would complain about it at exit
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def stop_on_terminate() -> None:
    """Make SIGTERM unwind like Ctrl-C, so that half-written folders and worker processes are cleaned up."""

    def stop(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, stop)


def _report(problem: Exception, *, as_json: bool) -> int:
    from cli.terminal import print_error, print_json
    from outlay.errors import OutlayError

    refusal = problem if isinstance(problem, OutlayError) else machine_fault(problem)
    try:
        print_error(refusal)
        if as_json:
            print_json(error_document(refusal))
        sys.stdout.flush()
    except BrokenPipeError:
        reader_left()
    return refusal.exit_code


def error_document(refusal: OutlayError) -> dict[str, object]:
    """The document that ``--json`` prints for a refusal."""
    findings = [finding.as_dict() for finding in getattr(refusal, "findings", ())]
    return {
        "error": {
            "id": refusal.id or None,
            "where": refusal.where or None,
            "what": refusal.what,
            "repair": refusal.repair or None,
            "exit_code": refusal.exit_code,
            "findings": findings,
        }
    }


def machine_fault(problem: Exception) -> OutlayError:
    """A fault of the machine (:class:`OSError`, :class:`MemoryError`) in the user's words."""
    import errno

    from cli.catalogue import CATALOGUE
    from outlay.errors import OutlayError

    if not isinstance(problem, OSError):
        return OutlayError("there is not enough memory", repair=CATALOGUE["X005"].repair, id="X005")
    full = problem.errno in {errno.ENOSPC, errno.EDQUOT}
    id = "X004" if full else "X003"
    what = (problem.strerror or str(problem) or type(problem).__name__).lower()
    return OutlayError(what, where=str(problem.filename or ""), repair=CATALOGUE[id].repair, id=id)


def _bug(kind: type[BaseException], problem: BaseException, trace: TracebackType | None) -> None:
    place = ""
    while trace is not None:
        place = f" at {os.path.basename(trace.tb_frame.f_code.co_filename)}:{trace.tb_lineno}"
        trace = trace.tb_next
    said = " ".join(str(problem).split())[:200]
    sys.stderr.write(
        f"this is a bug in outlay, not your mistake: {kind.__name__}: {said}{place}\n"
        "  -> Please report it with the output of `outlay doctor` and of this command with --debug.\n"
    )
