"""Settings for every test: one thread per library, and hypothesis examples that are the same on every run."""

import os
import signal
from collections.abc import Iterator
from typing import Any

# before numpy is imported anywhere: on small arrays threads only fight over the cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import pytest  # noqa: E402  (the lines above must run first)
from hypothesis import HealthCheck, settings  # noqa: E402

# derandomize: a red test stays red until the code changes, and a green one does not turn red by chance. The first
# example may compile or load a library, so the time of one example says nothing about the code.
settings.register_profile(
    "outlay", derandomize=True, deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("outlay")

# A shell that starts the tests in the background has them, and all they start, ignore Ctrl-C: the tests of interruption
# would wait for ever. A handler of our own is reset to the default in every process that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium, one for all tests of a process: playwright runs once in each."""
    from tests.programs import chromium, lacking

    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        lacking("playwright is not installed: `make test` brings it")
    flags = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-sync"]
    flags += ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium's sandbox does not work as root
    path = chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=flags)
        yield started
        started.close()
