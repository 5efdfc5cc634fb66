"""Imports upstream's QNN Llama flow without packages that a Llama export never calls.

The flow imports every model family and its evaluation tools. If a package of `UNUSED` is not installed, an empty module
replaces it. That module's names are placeholder classes: code can inherit from them, but calling them raises.
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
            f"{type(self).__module__}.{type(self).__qualname__} is not installed, and a Llama export should not need it."
        )


class _EmptyModule(ModuleType):
    def __getattr__(self, name: str) -> type[_Placeholder]:
        if name.startswith("__"):
            raise AttributeError(name)
        return type(name, (_Placeholder,), {"__module__": self.__name__})


class _EmptyModules(MetaPathFinder, Loader):
    """Finds every submodule of the given packages and loads an empty module."""

    def __init__(self, packages: set[str]) -> None:
        self._packages = packages

    def find_spec(self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        del path, target
        return ModuleSpec(fullname, self, is_package=True) if fullname.partition(".")[0] in self._packages else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leaves the module empty."""


@contextmanager
def unused_packages() -> Iterator[None]:
    """Makes the `UNUSED` packages importable inside the context; removes the placeholders at its end."""
    # Always replace torchtune: its releases fail to import with this torchao.
    missing = {name for name in UNUSED if name == "torchtune" or find_spec(name) is None}
    finder = _EmptyModules(missing)
    sys.meta_path.insert(0, finder)
    try:
        yield
    finally:
        sys.meta_path.remove(finder)
        for name in [name for name in sys.modules if name.partition(".")[0] in missing]:
            del sys.modules[name]
