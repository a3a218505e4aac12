"""What happens to the process happens to the run: it is old or new, whole, and nothing is left lying about."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from outlay.runs import RunWriter, list_runs, open_run

FILES = 6  # files a run in these tests holds, each of 64 kB, so that a kill can fall between any two of them

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "FILES": str(FILES)}

# Writes runs without pandas, which would take a second to load.
WRITER = """
import os, signal, sys, time
from pathlib import Path
from outlay.runs import RunWriter

def write(root, hold=0.0):
    with RunWriter(Path(root), "fit", command=["outlay", "fit"], seed=1, inputs={"a": "b"}) as writer:
        for number in range(int(os.environ["FILES"])):
            writer.path(f"tables/{number}.bin").write_bytes(bytes([number]) * 65536)
        if hold:
            print("holding", flush=True)
            time.sleep(hold)
    return writer.run.id
"""


def start(code: str, *arguments: object, **options: str) -> subprocess.Popen[str]:
    environment = {**ENVIRONMENT, **options}
    command = [sys.executable, "-c", WRITER + code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)


def wait_for(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    assert process.stdout.readline().strip() == word, process.communicate()[1]


def unfinished(root: Path) -> list[str]:
    return [name for name in os.listdir(root) if name.startswith(".writing")]


def whole_runs(root: Path) -> int:
    """Number of runs after the next command came by; each must be complete, and nothing unfinished is left."""
    runs = list_runs(root)
    for run in runs:
        run.verify()
        assert len(run.manifest["files"]) == FILES
    assert unfinished(root) == []
    assert {name for name in os.listdir(root) if not name.startswith(".")} == {run.id for run in runs}
    return len(runs)


def test_kill_at_random_moments(tmp_path: Path) -> None:
    rng = random.Random(20250106)
    left_behind = 0
    for _ in range(15):
        process = start("print('go', flush=True)\nwhile True: write(sys.argv[1])", tmp_path)
        wait_for(process, "go")
        time.sleep(rng.uniform(0.0, 0.06))
        process.kill()
        process.communicate()
        left_behind += bool(unfinished(tmp_path)) if tmp_path.exists() else 0
        whole_runs(tmp_path)
    assert left_behind > 0, "no kill fell into a write, so nothing was tested"


def test_kill_before_every_step_to_the_disk(tmp_path: Path) -> None:
    # Every fsync, mkdir and rename of one run, in turn, is the last thing that the process comes to.
    code = """
left = int(sys.argv[2])
def stop_before(name):
    real = getattr(os, name)
    def step(*arguments, **options):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*arguments, **options)
    setattr(os, name, step)
for name in ("fsync", "mkdir", "rename"):
    stop_before(name)
write(sys.argv[1])
"""
    written = []
    for steps in range(40):
        root = tmp_path / str(steps)
        root.mkdir()
        process = start(code, root, steps)
        process.communicate()
        written.append(whole_runs(root))
        if process.returncode == 0:
            break
        assert process.returncode == -signal.SIGKILL
    # mkdirs (3), 6 files, their folder, manifest, run folder, rename: then the run is there, before its last fsync
    assert written == sorted(written)
    assert written[-2:] == [1, 1]
    assert written.count(0) >= FILES + 5


def test_writers_at_once_all_succeed_under_different_ids(tmp_path: Path) -> None:
    code = "print('go', flush=True); sys.stdin.readline()\nfor _ in range(5): print(write(sys.argv[1]))"
    command = [sys.executable, "-c", WRITER + code, str(tmp_path)]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=ENVIRONMENT) for _ in "abc"
    ]
    for process in processes:
        wait_for(process, "go")
    ids = [line for process in processes for line in process.communicate("\n")[0].split()]
    assert [process.returncode for process in processes] == [0, 0, 0]
    assert len(ids) == len(set(ids)) == 15  # three processes with five runs each
    assert whole_runs(tmp_path) == 15


def test_the_same_microsecond_gives_two_ids(tmp_path: Path) -> None:
    # The id comes from kind, command, seed, inputs and time; here the clock stands still.
    code = """
import datetime as real
import outlay._runs.writer as writer
class Standing(real.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2025, 1, 6, 9, 15, tzinfo=tz)
class Clock:
    UTC, datetime, timedelta = real.UTC, Standing, real.timedelta
writer.dt = Clock
print(write(sys.argv[1]))
print(write(sys.argv[1]))
"""
    output, problem = start(code, tmp_path).communicate()
    assert len(set(output.split())) == 2, problem
    assert whole_runs(tmp_path) == 2


def test_a_living_writer_is_never_swept(tmp_path: Path) -> None:
    process = start("print(write(sys.argv[1], hold=0.5))", tmp_path)
    wait_for(process, "holding")
    assert list_runs(tmp_path) == []  # sweeps, and must not touch what is being written
    assert len(unfinished(tmp_path)) == 1
    output, problem = process.communicate()
    assert process.returncode == 0, problem
    assert open_run(tmp_path, None, "fit").id == output.strip()


@pytest.mark.parametrize(
    "number, code",
    # 128 + number is what a shell reports; Python ends by the signal itself where nobody catches KeyboardInterrupt
    [(signal.SIGTERM, 128 + 15), (signal.SIGHUP, 128 + 1), (signal.SIGINT, -2)],
)
def test_a_signal_leaves_nothing_behind(tmp_path: Path, number: signal.Signals, code: int) -> None:
    process = start("write(sys.argv[1], hold=30)", tmp_path)
    wait_for(process, "holding")
    process.send_signal(number)
    process.communicate(timeout=20)
    assert process.returncode == code
    assert os.listdir(tmp_path) == []


def test_a_signal_to_a_forked_worker_leaves_the_run_of_its_parent(tmp_path: Path) -> None:
    code = """
with RunWriter(Path(sys.argv[1]), "fit", command=[], seed=1) as writer:
    writer.path("a.bin").write_bytes(b"a")
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    time.sleep(0.1)
    os.kill(child, signal.SIGTERM)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""
    output, problem = start(code, tmp_path).communicate(timeout=20)
    assert output.split() == [str(-signal.SIGTERM)], problem
    open_run(tmp_path, None, "fit").verify()


def test_a_forked_worker_that_leaves_the_block_leaves_the_run_of_its_parent(tmp_path: Path) -> None:
    code = """
with RunWriter(Path(sys.argv[1]), "fit", command=[], seed=1) as writer:
    writer.path("a.bin").write_bytes(b"a")
    child = os.fork()
    if child == 0:
        sys.exit(3)  # unwinds through the block as an error does
    os.waitpid(child, 0)
"""
    _, problem = start(code, tmp_path).communicate(timeout=20)
    assert problem == ""
    open_run(tmp_path, None, "fit").verify()


def test_a_limit_on_file_sizes_is_told_in_words(tmp_path: Path) -> None:
    # what a full disk does, with a limit that every Unix lets a process set on itself
    code = """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, 40_000))
write(sys.argv[1])
"""
    _, problem = start(code, tmp_path).communicate()
    assert "R005" in problem
    assert "disk is full" in problem
    assert "Free some space" in problem
    assert whole_runs(tmp_path) == 0


@pytest.mark.parametrize("mode", [0o555, 0o000])
def test_a_folder_without_permission_is_told_in_words(tmp_path: Path, mode: int) -> None:
    root = tmp_path / "runs"
    with RunWriter(root, "fit", command=[], seed=1) as writer:
        for number in range(FILES):
            writer.path(f"{number}.bin").write_bytes(b"x")
    root.chmod(mode)
    # root may write anywhere, so the child gives up its rights once it stands in the folder
    code = """
os.chdir(sys.argv[1])
if os.getuid() == 0:
    os.setgid(65534), os.setuid(65534)
write("runs")
"""
    try:
        _, problem = start(code, tmp_path).communicate()
    finally:
        root.chmod(0o755)
    assert "R005" in problem
    assert "without permission" in problem
    assert whole_runs(root) == 1


def test_a_plain_locale_and_odd_paths(tmp_path: Path) -> None:
    root = tmp_path / "Läufe von früher ☕" / "a b"
    output, problem = start("print(write(sys.argv[1]))", root, LC_ALL="C", LANG="C", PYTHONUTF8="0").communicate()
    assert output.strip(), problem
    assert whole_runs(root) == 1


def test_a_killed_export_leaves_the_old_or_the_new_file(tmp_path: Path) -> None:
    code = """
from outlay.exports import atomic_write
print("go", flush=True)
while True:
    for letter in "ab":
        atomic_write(sys.argv[1], letter * 200_000)
"""
    rng = random.Random(7)
    target = tmp_path / "roi.csv"
    target.write_text("a" * 200_000)
    for _ in range(10):
        process = start(code, target)
        wait_for(process, "go")
        time.sleep(rng.uniform(0.0, 0.05))
        process.kill()
        process.communicate()
        assert target.read_text() in ("a" * 200_000, "b" * 200_000)
    # the next export to that folder sweeps what the killed ones left
    finished = start("from outlay.exports import atomic_write; atomic_write(sys.argv[1], 'c')", target)
    finished.communicate()
    assert os.listdir(tmp_path) == ["roi.csv"]
    assert target.read_text() == "c"
