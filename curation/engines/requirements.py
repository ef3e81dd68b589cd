"""What the workers of a cluster must have: the same versions, and the Python of the rules.

Functions of a rule's file travel whole. Those of an installed package are checked: each worker must have the package in
the same version, with the same files.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import importlib.metadata
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cloudpickle

from curation.engines import handshake
from curation.functions.language.engines import ENGINES

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from curation.recipes.plan import Plan


@functools.cache
def handshake_source() -> str:
    """The text of `curation.engines.handshake`."""
    return inspect.getsource(handshake)


@dataclass(frozen=True)
class Requirements:
    """What a plan needs of a worker."""

    packages: tuple[str, ...]  # distributions whose versions must be the same
    own: tuple[str, ...]  # packages whose files must be the same
    carried: tuple[ModuleType, ...]  # modules that workers can't import: their functions and classes travel

    @classmethod
    def of(cls, plan: Plan) -> Requirements:
        """What the functions of a plan and the rules that compare need."""
        packages, own, carried = [*handshake.PACKAGES], ["curation"], []
        for module in _modules(plan):
            top = module.__name__.partition(".")[0]
            if top == "curation":
                continue
            if distributions := _distributions(top):
                packages += distributions
                own.append(top)
            else:
                carried.append(module)
        for name, engine in ENGINES.items():
            if any(function.version.startswith(f"{name} ") for function in plan.functions):
                packages.append(engine.package)
        return cls(tuple(dict.fromkeys(packages)), tuple(dict.fromkeys(own)), tuple(carried))

    @functools.cached_property
    def versions(self) -> dict[str, str]:
        """The versions of this machine."""
        return handshake.versions_here(self.packages, self.own)

    @property
    def request(self) -> dict[str, Any]:
        """What each worker is asked, for `handshake.misfit`."""
        return {"packages": self.packages, "own": self.own, "versions": self.versions}

    @property
    def digest(self) -> str:
        """A digest of all versions, and of the files of modules that travel."""
        whole = hashlib.sha256(repr(sorted(self.versions.items())).encode())
        for module in self.carried:
            with contextlib.suppress(OSError, TypeError):
                whole.update(Path(inspect.getfile(module)).read_bytes())
        return whole.hexdigest()

    @contextlib.contextmanager
    def by_value(self) -> Iterator[None]:
        """Within the block, what workers can't import is pickled whole."""
        new = [module for module in self.carried if module.__name__ not in cloudpickle.list_registry_pickle_by_value()]
        for module in new:
            cloudpickle.register_pickle_by_value(module)
        try:
            yield
        finally:
            for module in new:
                cloudpickle.unregister_pickle_by_value(module)


def _modules(plan: Plan) -> list[ModuleType]:
    """The modules whose Python a worker runs."""
    objects: list[Any] = [function.call for function in plan.functions]
    objects += [type(rule) for stage in plan.stages for rule in (stage.before, stage.barrier) if rule]
    names = set()
    for each in objects:
        while isinstance(each, functools.partial):
            each = each.func
        names.add(getattr(each, "__module__", None) or type(each).__module__)
    return [sys.modules[name] for name in sorted(names) if name in sys.modules and name != "__main__"]


@functools.cache
def _distributions(package: str) -> list[str]:
    """The installed distributions that a package is of; none for a file that was loaded from its path."""
    return importlib.metadata.packages_distributions().get(package, [])
