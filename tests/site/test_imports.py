"""Imports point one way only: each layer knows those above it in this table, and none below it."""

import ast
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib.util import resolve_name
from pathlib import Path

from studio.providers.registry import DIALECTS

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("studio", "accounts", "generations")

# A module belongs to the layer with the longest name that it begins with. Modules of one layer may know each other.
LAYERS: tuple[tuple[str, ...], ...] = (
    ("studio.lib",),
    ("studio.addresses", "studio.middleware", "studio.environment", "studio.database"),
    ("studio.providers",),
    ("accounts.models", "accounts.keyring", "accounts.migrations"),
    ("accounts",),
    ("generations.models", "generations.migrations"),
    (  # on the records alone
        "generations.allowance",
        "generations.batch",
        "generations.callbacks",
        "generations.deleting",
        "generations.fulltext",
        "generations.history",
        "generations.inputs",
        "generations.job_notices",
        "generations.outcomes",
        "generations.previews",
        "generations.prompts",
        "generations.search",
        "generations.sources",
        "generations.together",
        "generations.turns",
    ),
    ("generations.catalogue", "generations.uploads"),
    ("generations.money",),
    (
        "generations.approvals",
        "generations.jobs",
        "generations.checks",
        "generations.checks_lent",
        "generations.chats",
    ),
    ("generations.organising", "generations.operating"),
    ("generations.shift",),
    ("generations.archives", "generations.links"),
    ("generations.tasks",),
    ("generations.forms", "generations.sentences"),
    (
        "generations.composer",
        "generations.groups",
        "generations.comparison",
        "generations.drawn",
        "generations.faces",
        "generations.filmstrip",
        "generations.lineage",
        "generations.templatetags",
    ),
    ("generations.views",),
    ("generations",),
    ("studio",),
)


def modules() -> Iterator[tuple[str, Path]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(parts[:-1] if parts[-1] == "__init__" else parts), path


MODULES = dict(modules())


def layer(module: str) -> int:
    """The place of its layer in the table; raises ValueError where it has none."""
    names = {name: place for place, layer in enumerate(LAYERS) for name in layer}
    return names[max((name for name in names if f"{module}.".startswith(f"{name}.")), key=len)]


def imports(module: str) -> Iterator[tuple[str, ast.stmt]]:
    """The modules of ours that a module imports, as "package.module"; `from package import module` is that module."""
    for node in ast.walk(ast.parse(MODULES[module].read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module if MODULES[module].name == "__init__.py" else module.rpartition(".")[0]
            source = resolve_name("." * node.level + (node.module or ""), package)
            for alias in node.names:
                whole = f"{source}.{alias.name}"
                yield whole if whole in MODULES else source, node


def ours(module: str) -> set[str]:
    return {name for name, _ in imports(module) if name in MODULES and name != module}


def test_every_module_has_its_layer():
    for module in MODULES:
        layer(module)


def test_every_layer_has_its_modules():
    stale = {name for names in LAYERS for name in names if not any(f"{m}.".startswith(f"{name}.") for m in MODULES)}
    assert stale == set()


def test_a_module_knows_nothing_below_its_layer():
    upward = {
        f"{module} (layer {layer(module)}) imports {name} (layer {layer(name)})"
        for module in MODULES
        for name in ours(module)
        if layer(name) > layer(module)
    }
    assert upward == set()


def test_there_is_no_circle():
    TopologicalSorter({module: ours(module) for module in MODULES}).prepare()


def test_no_import_hides_in_a_function():
    hidden = {
        f"{module}: {ast.unparse(node)}"
        for module in MODULES
        for function in ast.walk(ast.parse(MODULES[module].read_text()))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
        for node in ast.walk(function)
        if isinstance(node, ast.Import | ast.ImportFrom)
    }
    assert hidden == {f"studio.lib.{name}: import av" for name in ("video", "remux")}, "22 MB of a web process"


def test_providers_know_no_database_no_request_and_no_settings():
    knowing = {
        f"{module} imports {name}"
        for module in MODULES
        if module.startswith(("studio.lib", "studio.providers"))
        for name, _ in imports(module)
        if name.partition(".")[0] == "django"
    }
    assert knowing == set()


def test_a_provider_is_known_by_name_to_the_registry_alone():
    dialects = {type(dialect).__module__ for dialect in DIALECTS.values()}
    knowing = {module for module in MODULES if not module.startswith("studio.providers") and ours(module) & dialects}
    assert knowing == set()
