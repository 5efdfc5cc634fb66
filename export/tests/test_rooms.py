import ast
from pathlib import Path

EXPORT = Path(__file__).parents[1]

ALLOWED = {
    "default_model": {"paths"},
    "qnn": {"paths", "resources"},
    "genie": {"qnn", "paths"},
    "llama": {"qnn", "paths", "resources"},
    "fixtures": {"llama", "qnn", "paths", "resources"},
    "optimum": {"fixtures"},
}
"""What each room imports beside its own modules."""


def imported(path):
    """First names after ``export.`` of a file's relative imports that leave its room."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.level == 2:
            yield from [node.module.partition(".")[0]] if node.module else [alias.name for alias in node.names]


def test_imports_between_rooms_point_one_way():
    found = {room: {name for path in (EXPORT / room).glob("*.py") for name in imported(path)} for room in ALLOWED}
    assert {room: names - ALLOWED[room] for room, names in found.items()} == {room: set() for room in ALLOWED}


def test_every_room_is_listed():
    assert {path.parent.name for path in EXPORT.glob("*/__init__.py")} == set(ALLOWED)


def test_shared_modules_import_no_room():
    shared = [path for path in EXPORT.glob("*.py") if path.name != "__main__.py"]
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in shared]
    assert not [node.module for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.level]
