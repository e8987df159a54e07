"""The widget in a real Chromium: its size, its first message on a slow phone, and a long conversation.

`python -m bench.widget [--json FILE]`. The page is a host's that embeds the widget by one tag, on a processor
slowed down four times; the baseline is the same page without the tag.
"""

from __future__ import annotations

import os
import statistics
import time

from playwright.sync_api import Browser, Page, sync_playwright

from api.web.bundle import widget_script, widget_style
from bench.report import Report
from tests.e2e import widget_app
from tests.e2e.serving import free_port, serving

SLOWER = 4
TRIES = 5
LONG = 250
"""Questions, each with its answer."""
FIRST_MESSAGE = (
    "() => { const host = document.querySelector('lvxiaoyu-chat'); const root = host && host.shadowRoot;"
    " const node = root && root.querySelector('.message .bubble');"
    " return Boolean(node && node.getBoundingClientRect().height > 0); }"
)


def slowed(browser: Browser) -> Page:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    return page


def first_message_ms(browser: Browser, origin: str, *, tag: bool) -> float:
    """From the moment that the tag is put on a loaded page until the first message stands there."""
    page = slowed(browser)
    page.goto(f"{origin}/policies/none")
    started = time.perf_counter()
    if tag:
        page.evaluate(
            "src => { const chat = document.createElement('lvxiaoyu-chat');"
            " chat.setAttribute('mode', 'inline');"
            " document.body.appendChild(chat); const tag = document.createElement('script'); tag.src = src;"
            " tag.dataset.mode = 'inline'; document.body.appendChild(tag); }",
            f"{origin}/static/widget.js",
        )
        page.wait_for_function(FIRST_MESSAGE)
    else:
        page.evaluate("() => { const p = document.createElement('p'); document.body.appendChild(p); }")
        page.wait_for_function("() => Boolean(document.body.lastElementChild)")
    took = (time.perf_counter() - started) * 1000
    page.context.close()
    return took


def long_conversation(
    browser: Browser, origin: str, history: dict[str, list[dict[str, object]]]
) -> dict[str, float]:
    """A letter typed and the log scrolled, beside the same with two messages; nodes in the document."""
    page = slowed(browser)
    page.goto(f"{origin}/chat")
    field = page.get_by_role("textbox", name="输入您的问题")
    field.fill(widget_app.TARGET)
    field.press("Enter")
    page.locator(".card").wait_for()
    short = typed_ms(page)
    said = next(iter(history.values()))
    for n in range(LONG - 1):
        said.append({"role": "resident", "id": f"q{n}", "client_id": None, "text": f"问{n}"})
        said.append({**said[1], "id": f"a{n}"})
    page.reload()
    page.locator(".card").last.wait_for()
    scroll = page.evaluate(
        "() => new Promise(done => { const log = document.querySelector('lvxiaoyu-chat').shadowRoot"
        ".querySelector('.log'); log.style.scrollBehavior = 'auto';"
        " const took = []; let last = performance.now();"
        " const step = now => { took.push(now - last); last = now; log.scrollTop -= 120;"
        " took.length < 60 ? requestAnimationFrame(step) : done(took.sort((a, b) => a - b)[56]); };"
        " requestAnimationFrame(step); })"
    )
    nodes = page.evaluate("document.querySelector('lvxiaoyu-chat').shadowRoot.querySelectorAll('*').length")
    figures = {
        "typed_short_ms": short,
        "typed_long_ms": typed_ms(page),
        "frame_p95_ms": scroll,
        "nodes": nodes,
    }
    page.context.close()
    return figures


def typed_ms(page: Page) -> float:
    """From a letter's event until the next frame, the median of twenty."""
    return float(
        page.evaluate(
            "async () => { const root = document.querySelector('lvxiaoyu-chat').shadowRoot;"
            " const field = root.querySelector('textarea'); const took = [];"
            " for (let i = 0; i < 20; i += 1) { await new Promise(requestAnimationFrame);"
            " const start = performance.now(); field.value += '绿'; field.dispatchEvent(new Event('input'));"
            " field.getBoundingClientRect(); took.push(performance.now() - start); }"
            " field.value = ''; return took.sort((a, b) => a - b)[10]; }"
        )
    )


def main() -> None:
    report = Report(__doc__)
    options = report.parser.parse_args()
    app = widget_app.build()
    with serving(app, free_port()) as origin, sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"),
            args=["--no-sandbox", "--disable-gpu"],
        )
        first = [first_message_ms(browser, origin, tag=True) for _ in range(TRIES)]
        bare = [first_message_ms(browser, origin, tag=False) for _ in range(TRIES)]
        long = long_conversation(browser, origin, app.state.history)
        browser.close()
    script, style = widget_script(), widget_style()
    report.figure("script_bytes", len(script.packed), "bytes")
    report.figure("style_bytes", len(style.packed), "bytes")
    report.figure("together_bytes", len(script.packed) + len(style.packed), "bytes")
    report.figure("first_message_ms", statistics.median(first), "ms")
    report.figure("first_message_bare_page_ms", statistics.median(bare), "ms")
    report.figure("500_typed_ms", long["typed_long_ms"], "ms")
    report.figure("2_typed_ms", long["typed_short_ms"], "ms")
    report.figure("500_frame_p95_ms", long["frame_p95_ms"], "ms")
    report.figure("500_nodes", long["nodes"], "nodes")
    report.close(options.json)


if __name__ == "__main__":
    main()
