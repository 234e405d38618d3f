"""What several test files share: a browser, and how hypothesis searches."""

import multiprocessing.util
import os
import shutil
import sys
import tempfile

import hypothesis
import psutil
import pytest

# The same cases each time; `make test RANDOM=1` searches anew and prints how to repeat a failure.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile("random", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

SETTERS = {"sklearn", "tensorflow"}  # their first import sets variables
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
AUTOGRAPH = "__autograph_generated_file"  # TensorFlow removes them when it ends
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


# What is missing is skipped at a desk; in CI it would mean that nobody looked.
missing = pytest.fail if os.environ.get("CI") else pytest.skip


@pytest.fixture(autouse=True)
def _leaves_no_settings():
    """Fail a test that changes the environment or the working folder for those after it."""
    before, folder, loaded = dict(os.environ), os.getcwd(), SETTERS & sys.modules.keys()
    yield
    changed = {name for name, _ in before.items() ^ os.environ.items()} - {"PYTEST_CURRENT_TEST"}
    if loaded == SETTERS & sys.modules.keys():
        assert not changed, f"a test left these changed: {', '.join(sorted(changed))}"
    assert os.getcwd() == folder


@pytest.fixture(autouse=True, scope="session")
def _leaves_nothing_behind(tmp_path_factory):
    """Fail at the end if the tests leave processes, or files among the temporary ones."""
    tmp_path_factory.getbasetemp()  # of its own, pytest keeps the last three
    multiprocessing.util.get_temp_dir()  # goes when the interpreter ends
    folder, before = tempfile.mkdtemp(prefix="tests-"), tempfile.gettempdir()
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    yield
    os.environ["TMPDIR"] = tempfile.tempdir = before
    files = [name for name in os.listdir(folder) if not name.startswith(AUTOGRAPH)]
    shutil.rmtree(folder)
    assert not files, f"left among the temporary files: {', '.join(files)}"
    running = [" ".join(_command(child)) for child in psutil.Process().children(recursive=True)]
    running = [command for command in running if "from multiprocessing." not in command]
    assert not running, "left running: " + "; ".join(running)


def _command(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


@pytest.fixture(scope="module")  # Playwright keeps an event loop, which others must not meet
def browser():
    """Start the Chromium of the system, without a window."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        missing("no Chromium found; on Debian: apt install chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=QUIET.split())
        yield browser
        browser.close()


def pytest_collection_modifyitems(items):
    """Mark what opens a browser, so that `make test FAST=1` can leave it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
