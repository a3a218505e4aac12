"""Settings for every test: one thread per library, and hypothesis examples that are the same on every run."""

import os
import signal

# before numpy is imported anywhere: on small arrays threads only fight over the cores
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

from hypothesis import HealthCheck, settings  # noqa: E402  (the lines above must run first)

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
