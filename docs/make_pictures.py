"""Makes the README's pictures from the demonstration: starts everything, looks, stops everything.

Run by `make screenshots`. Works in a temporary directory and touches no other data.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
PASSWORD = "tianhui-demo"
CHINESE_READER, ENGLISH_READER = "13800000001", "13800000006"
START_SECONDS, PDF_SECONDS = 240, 300


def main() -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        sys.exit("Chromium is not installed: apt-get install chromium")
    PICTURES.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as var,
        run_demo(Path(var)) as address,
        sync_playwright() as play,
    ):
        browser = play.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        picture_admin_home(browser, address)
        picture_statement(browser, address, Path(var))
        picture_pdf(browser, address, Path(var))
        browser.close()
    for picture in sorted(PICTURES.glob("*.png")):
        shrink(picture)
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} KB")


@contextmanager
def run_demo(var: Path) -> Iterator[str]:
    """The whole program on a database of its own; its address, once it answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    environment = _environment(var) | {"PUBLIC_URL": address}
    command = [sys.executable, "manage.py", "run_all", "--port", str(port)]
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    try:
        _wait_for(address, process)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def picture_admin_home(browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-US")
    page = context.new_page()
    page.goto(f"{address}/admin/")
    page.fill("input[name=username]", "operator")
    page.fill("input[name=password]", PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(re.compile(r"/admin/$"))
    page.screenshot(path=PICTURES / "admin-home.png")
    context.close()


def picture_statement(browser: Browser, address: str, var: Path) -> None:
    context = sign_in(browser, address, CHINESE_READER, var)
    page = context.pages[0]
    page.goto(f"{address}/statements/")
    page.locator("a[href*='/statements/2']").first.click()
    page.set_viewport_size({"width": 390, "height": 1300})
    page.screenshot(path=PICTURES / "statement-phone.png")
    context.close()


def picture_pdf(browser: Browser, address: str, var: Path) -> None:
    """The first page of a PDF, once the worker has rendered it."""
    context = sign_in(browser, address, ENGLISH_READER, var)
    page = context.pages[0]
    page.goto(f"{address}/statements/")
    link = page.locator("a[href*='/statements/2']").first.get_attribute("href") or ""
    deadline = time.monotonic() + PDF_SECONDS
    while True:
        answer = context.request.get(f"{address}{link.rstrip('/')}/pdf/")
        if answer.headers.get("content-type") == "application/pdf":
            break
        if time.monotonic() > deadline:
            sys.exit("The PDF was not rendered in time.")
        time.sleep(2)
    pdf = var / "statement.pdf"
    pdf.write_bytes(answer.body())
    target = PICTURES / "statement-pdf"
    subprocess.run(
        ["pdftoppm", "-png", "-r", "80", "-singlefile", str(pdf), str(target)], check=True
    )
    context.close()


def sign_in(browser: Browser, address: str, phone: str, var: Path) -> BrowserContext:
    """A phone's browser, signed in with the code that the development gateway kept."""
    context = browser.new_context(
        viewport={"width": 390, "height": 780}, locale="zh-CN", device_scale_factor=1.5
    )
    page = context.new_page()
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=phone]", phone)
    page.press("input[name=phone]", "Enter")
    page.fill("input[name=code]", _last_code(var))
    page.press("input[name=code]", "Enter")
    page.wait_for_url(f"{address}/")
    return context


def shrink(picture: Path) -> None:
    """A page has few colours: 128 of them make a file a third of the size."""
    Image.open(picture).convert("RGB").quantize(128, dither=Image.Dither.NONE).save(
        picture, optimize=True
    )


def _environment(var: Path) -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DATABASE_URL", "REDIS_URL")
    }
    return kept | {"TIANHUI_VAR": str(var)}


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            urllib.request.urlopen(f"{address}/admin/login/", timeout=5)
            return
        except OSError:
            time.sleep(0.5)
    sys.exit("The program did not start.")


def _last_code(var: Path) -> str:
    ask = "from aggregator.models import OutboxMessage as M; print(M.objects.first().text)"
    shown = subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", ask],
        cwd=ROOT,
        env=_environment(var),
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"\b\d{6}\b", shown.stdout)
    if found is None:
        sys.exit("No code in the outbox.")
    return found.group()


if __name__ == "__main__":
    main()
