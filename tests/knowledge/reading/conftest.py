"""A browser that prints pages to PDF, one a module: while it is open no other test can run a loop."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import sync_playwright

Print = Callable[..., bytes]


@pytest.fixture(scope="module")
def print_pdf() -> Iterator[Print]:
    """`print_pdf(html, css, **options of page.pdf)` gives the bytes of a PDF."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path="/usr/bin/chromium", args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page()

        def print_(body: str, css: str = "", **options: object) -> bytes:
            page.set_content(f'<!doctype html><meta charset="utf-8"><style>{css}</style><body>{body}')
            return page.pdf(prefer_css_page_size=True, **options)  # type: ignore[arg-type]

        yield print_
        browser.close()
