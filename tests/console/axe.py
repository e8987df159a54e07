"""axe-core over a page of the console that is quiet."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

from playwright.sync_api import Page

AXE = (files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
LIVE = "() => window.did_handshake === true || !window.io"
QUIET = """() => !document.querySelector('.q-notification[class*="-active"]')
  && [...document.querySelectorAll('.q-spinner')].every(each => !each.getClientRects().length)"""


def violations(page: Page, *, dialog: bool = False) -> list[tuple[str, list[Any]]]:
    """Each broken rule and where, once nothing on the page is waited for; with `dialog` within that alone, and
    without contrast: axe takes the backdrop for the ground of a dialog's flat buttons."""
    page.wait_for_function(LIVE)
    page.wait_for_function(QUIET)
    page.evaluate(AXE)
    ran = "axe.run('.q-dialog[role=dialog]', {rules: {'color-contrast': {enabled: false}}})"
    found = page.evaluate(f"async () => (await {ran if dialog else 'axe.run(document)'}).violations")
    return [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found]
