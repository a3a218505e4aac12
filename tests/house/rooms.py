"""The source files of the house, read as syntax trees: what each module imports, calls and defines."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("outlay", "mmm", "attribution", "segmentation", "budget", "planner", "cli")


def module_name(path: Path, root: Path = ROOT) -> str:
    """``cli/commands/fit.py`` -> ``cli.commands.fit``; a package's ``__init__.py`` is the package."""
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def sources(root: Path = ROOT) -> dict[str, ast.Module]:
    """Every module of the seven rooms by its name."""
    files = (path for room in ROOMS for path in sorted((root / room).rglob("*.py")))
    return {module_name(path, root): ast.parse(path.read_text(encoding="utf-8"), str(path)) for path in files}


def imported(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Every module that is imported anywhere in the tree, inside functions too, with its line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node.lineno
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield node.module, node.lineno


def imported_at_start(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The modules that importing this one imports: not those inside functions or under ``TYPE_CHECKING``."""
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
            continue
        if isinstance(node, ast.Import | ast.ImportFrom):
            yield from imported(node)
        waiting.extend(ast.iter_child_nodes(node))
