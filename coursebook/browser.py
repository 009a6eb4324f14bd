"""Photograph built pages at 1280 and 390 px, light and dark, to look at them.

    python scripts/screenshots.py FOLDER [PAGE ...]      PAGE as in chapters/02_learning_rate

Without a page: all pages of the table of contents. The book must have been built (`make book`).
"""

import argparse
from pathlib import Path

from playwright.sync_api import Browser, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (1280, 390)
LOAD_PICTURES = """Promise.all([...document.images].map(image => {
  image.loading = 'eager';
  return image.decode().catch(() => {});  // a broken picture is seen, not awaited
}))"""


def launch(playwright: Playwright) -> Browser:
    """Start the system's Chromium, else the one that `playwright install chromium` fetched."""
    return playwright.chromium.launch(
        executable_path=CHROMIUM if CHROMIUM.exists() else None,
        args=["--no-sandbox", "--disable-gpu"],
    )


def photograph(html: Path, pages: list[str], folder: Path) -> None:
    """Write PAGE-WIDTH-THEME.png for each page, from top to bottom, live charts included."""
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for theme in ("light", "dark"):
            for width in WIDTHS:
                window = browser.new_page(
                    viewport={"width": width, "height": 900}, color_scheme=theme
                )
                for page in pages:
                    window.goto((html / f"{page}.html").resolve().as_uri())
                    window.wait_for_load_state("networkidle")
                    for slider in window.locator(".vega-chart input").all():
                        slider.focus()
                    # What is below the fold would be loaded only when somebody scrolls there.
                    window.evaluate(LOAD_PICTURES)
                    window.wait_for_load_state("networkidle")
                    window.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
                    target = folder / f"{page.replace('/', '-')}-{width}-{theme}.png"
                    window.screenshot(path=target, full_page=True)
                    print(target)
                window.close()
        browser.close()


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("page", nargs="*")
    parser.add_argument("--html", type=Path, default=ROOT / "_build" / "html")
    options = parser.parse_args()
    unlisted = {"genindex", "search"}
    pages = options.page or sorted(
        path.relative_to(options.html).with_suffix("").as_posix()
        for path in options.html.rglob("*.html")
        if "_static" not in path.parts and path.stem not in unlisted
    )
    photograph(options.html, pages, options.folder)
