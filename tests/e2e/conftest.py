"""One Studio, one fake of each provider and one browser for all of a person's work."""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from tests import fake_llm
from tests.e2e import browser as chromium
from tests.e2e.providers import addresses, all_providers
from tests.e2e.studio import Studio
from tests.fake_llm import Remote as Llm
from tests.fake_provider import Remote

HERE = Path(__file__).parent
PATIENCE = 60_000  # milliseconds for what is to come: the machine may be busy
expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.e2e)


# Package scope: the browser's event loop must be gone from the main thread before the database tests go on.
@pytest.fixture(scope="package")
def providers() -> Iterator[dict[str, Remote]]:
    with all_providers() as remotes:
        yield remotes


@pytest.fixture
def provider(providers: dict[str, Remote]) -> Remote:
    return providers["wayscloud-gpu"]


@pytest.fixture(scope="package")
def llm() -> Iterator[Llm]:
    with fake_llm.run_process() as remote:
        yield remote


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty database, made once for all processes of this run: it takes longer than all else of a Studio's start."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "migrated"
    with (folder.parent / "migrated.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            Studio(folder).manage("migrate", "--verbosity=0")
            (folder / "done").touch()
    return folder / "studio.sqlite3"


@pytest.fixture(scope="package")
def studio(
    tmp_path_factory: pytest.TempPathFactory, migrated: Path, providers: dict[str, Remote], llm: Llm
) -> Iterator[Studio]:
    environ = {**addresses(providers), "STUDIO_WAYSCLOUD_LLM_URL": llm.url}
    running = Studio(tmp_path_factory.mktemp("studio"), **environ)
    shutil.copy(migrated, running.data)
    running.start()
    yield running
    running.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium.chromium() as launched:
        yield launched


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    opened = browser.new_context(viewport={"width": 1280, "height": 860})
    opened.set_default_timeout(PATIENCE)
    yield opened
    opened.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the page's console said; a test that causes one on purpose takes exactly that one out."""
    return []


@pytest.fixture
def page(context: BrowserContext, complaints: list[str]) -> Iterator[Page]:
    """A page whose console must stay free of errors and warnings."""

    def listen(message: ConsoleMessage) -> None:
        replaced = "AbortError" in message.text  # htmx's word for a request that a newer one took the place of
        if message.type in {"error", "warning"} and not replaced:
            complaints.append(f"{message.text} ({message.location.get('url')})")

    opened = context.new_page()
    opened.on("console", listen)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    yield opened
    assert complaints == []
