"""What several test files share: a browser, and how hypothesis searches."""

import os
import shutil

import hypothesis
import pytest

# The same cases each time; `make test RANDOM=1` searches anew and prints how to repeat a failure.
hypothesis.settings.register_profile(
    "repeatable", derandomize=True, deadline=None, database=None, print_blob=True
)
hypothesis.settings.register_profile("random", deadline=None, database=None, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeatable"))

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
QUIET = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"


# What is missing is skipped at a desk; in CI it would mean that nobody looked.
missing = pytest.fail if os.environ.get("CI") else pytest.skip


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
