"""Figures in a browser."""

import pytest


@pytest.fixture
def show(browser, tmp_path):
    """Return a function that opens figures as one page; errors and requests fail the test."""
    pages, errors, requests = [], [], []

    def open_page(*figures, html="<html lang=en>", body="{}", **options):
        file = tmp_path / "page.html"
        inside = body.replace("{}", "\n".join(figure.html() for figure in figures))
        head = (
            "<meta charset=utf-8><meta name=viewport content='width=device-width'><title>t</title>"
        )
        file.write_text(f"<!doctype html>{html}{head}<main><h1>t</h1>{inside}</main>", "utf-8")
        page = browser.new_page(**options)
        pages.append(page)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.clock.install(time="2000-01-01")
        page.goto(file.as_uri())
        page.clock.pause_at("2000-01-02")
        return page

    yield open_page
    for page in pages:
        page.close()
    assert not errors
    assert [url for url in requests if not url.startswith("file:")] == []
