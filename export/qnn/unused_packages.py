"""Lets upstream's QNN Llama flow be imported without packages that it names but that a Llama export never calls.

The flow imports every model family and its evaluation tools at its top. A package in `UNUSED` that is not installed is
answered by an empty module whose names are placeholder classes: they can be inherited from, and raise when called.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import find_spec
from types import ModuleType

UNUSED = ("accelerate", "datasets", "lm_eval", "pydot", "torchtune")


class _Placeholder:
    def __init__(self, *_: object, **__: object) -> None:
        raise ImportError(
            f"{type(self).__module__}.{type(self).__qualname__} is not installed; a Llama export needs none of it."
        )


class _EmptyModule(ModuleType):
    def __getattr__(self, name: str) -> type[_Placeholder]:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Placeholder,), {"__module__": self.__name__})


class _EmptyModules(MetaPathFinder, Loader):
    """Finds every submodule of the given packages, and loads it empty."""

    def __init__(self, packages: set[str]) -> None:
        self._packages = packages

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in self._packages else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leaves it empty."""


@contextmanager
def unused_packages() -> Iterator[None]:
    """While it is open, the `UNUSED` packages can be imported; afterwards those that were made up are gone again."""
    # A half-working torchtune is worse than none: its releases do not import beside this torchao.
    missing = {name for name in UNUSED if name == "torchtune" or find_spec(name) is None}
    finder = _EmptyModules(missing)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in missing]:
            del sys.modules[name]
