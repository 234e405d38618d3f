"""What several test files share: a browser, and how hypothesis searches."""

import os
import shutil

import hypothesis
import pytest

# Search anew each time at a desk; in CI, where nobody changed what fails, repeat the same cases.
hypothesis.settings.register_profile("desk", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, derandomize=True)
hypothesis.settings.load_profile("ci" if os.environ.get("CI") else "desk")

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
