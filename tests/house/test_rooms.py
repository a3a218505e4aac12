"""The shape of the rooms: complete packages, explicit public names, no way to run code that comes with data."""

import ast
import importlib
from pathlib import Path

import pytest

from tests.house.rooms import ROOMS, ROOT, imported, sources

# loading any of these can run code that a file brought along
UNSAFE_MODULES = {"pickle", "cPickle", "dill", "cloudpickle", "shelve", "marshal"}
UNSAFE_CALLS = {"eval", "exec", "compile", "__import__", "read_pickle", "to_pickle", "unsafe_load", "full_load"}
TOP_LEVEL = {*ROOMS, "tests", "examples", "benchmarks", "docs", "requirements", "tools"}


def unsafe(tree: ast.AST) -> list[str]:
    """Imports and calls that can run code from data, with their lines."""
    found = [f"{line}: {name}" for name, line in imported(tree) if name.split(".")[0] in UNSAFE_MODULES]
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            owner = ast.unparse(node.func)
            safe = owner in {"re.compile"}
            if name in UNSAFE_CALLS and not safe:
                found.append(f"{node.lineno}: {owner}")
            if any(keyword.arg == "allow_pickle" and _is_true(keyword.value) for keyword in node.keywords):
                found.append(f"{node.lineno}: {owner}(allow_pickle=True)")
            if owner == "yaml.load":
                found.append(f"{node.lineno}: yaml.load")
    return found


def _is_true(node: ast.expr) -> bool:
    return not (isinstance(node, ast.Constant) and node.value is False)


def test_nothing_loads_code_with_data() -> None:
    assert {module: found for module, tree in sources().items() if (found := unsafe(tree))} == {}


@pytest.mark.parametrize(
    "code",
    [
        "import pickle",
        "from cloudpickle import dumps",
        "eval(text)",
        "exec(text)",
        "pd.read_pickle(path)",
        "np.load(path, allow_pickle=True)",
        "yaml.load(text)",
        "yaml.unsafe_load(text)",
    ],
)
def test_the_check_for_unsafe_loading_sees(code: str) -> None:
    assert unsafe(ast.parse(code))


@pytest.mark.parametrize(
    "code", ["re.compile('a')", "np.load(p, allow_pickle=False)", "model.evaluate(x)", "tomllib.load(f)"]
)
def test_the_check_for_unsafe_loading_lets_pass(code: str) -> None:
    assert unsafe(ast.parse(code)) == []


def test_every_folder_of_a_room_is_a_package() -> None:
    # setup.py finds packages by __init__.py: a folder without one would be missing from the wheel
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert [str(folder.relative_to(ROOT)) for folder in sorted(folders) if not (folder / "__init__.py").is_file()] == []


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_is_and_is_typed(room: str) -> None:
    assert (importlib.import_module(room).__doc__ or "").strip()
    assert (ROOT / room / "py.typed").is_file()


@pytest.mark.parametrize("room", ROOMS)
def test_public_names_are_listed_once_sorted_and_exist(room: str) -> None:
    module = importlib.import_module(room)
    names = list(getattr(module, "__all__", []))
    assert names == sorted(set(names), key=lambda name: (not name.isupper(), not name[0].isupper(), name))
    assert [name for name in names if not hasattr(module, name)] == []


def test_the_top_level_is_as_drawn() -> None:
    tracked = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith((".", "_"))}
    made_by_tools = {"build", "dist", "runs", "reports", "outlay-demo", "htmlcov"}
    assert {name for name in tracked - made_by_tools if not name.endswith(".egg-info")} <= TOP_LEVEL
    assert set(ROOMS) <= tracked


def test_setup_and_contracts_name_the_same_rooms() -> None:
    tree = ast.parse((ROOT / "setup.py").read_text(encoding="utf-8"))
    rooms = [ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)]
    assert rooms == [ROOMS]


def test_docs_and_sources_name_no_machine() -> None:
    marks = ("/" + "tmp/", "/" + "root/", "index" + "-url", "extra" + "-index", ".pythonhosted" + ".")
    kinds = {".py", ".toml", ".txt", ".in", ".md", ".sh"}
    files = [path for path in _own_files() if path.suffix in kinds or path.name in {"Makefile", "run"}]
    assert len(files) > 20  # the rooms alone have more: an empty list would prove nothing
    allowed = {ROOT / "tools" / "bootstrap.sh": {"index" + "-url"}}  # reads pip's setting, names no host
    found = [
        f"{path.relative_to(ROOT)}: {mark}"
        for path in files
        for mark in marks
        if mark in path.read_text(encoding="utf-8") and mark not in allowed.get(path, set())
    ]
    assert found == []


def _own_files() -> list[Path]:
    folders = [ROOT / name for name in (*ROOMS, "tests", "benchmarks", "docs", "requirements", "tools", ".ci")]
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()] + [
        path for path in ROOT.iterdir() if path.is_file()
    ]
