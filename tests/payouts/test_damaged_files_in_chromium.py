"""A clerk new to the program brings three damaged files to a clean project, by the pages alone.

With SCREENSHOTS set to a folder, every page on the way is kept there as a picture, a folder
a language.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation
from django.utils.translation import gettext
from playwright.sync_api import Browser, Locator, Page, sync_playwright

from aggregator.models import Cooperative, Household, PayeeAccount, Upload, User, Village
from aggregator.upload_jobs import run_upload
from credits.models import Enrolment, Project
from farms.models import Field, PracticeRecord
from farms.upload_kinds import KINDS
from tests.payouts import damaged_demo
from tests.payouts.damaged_demo import DamagedFiles, write_damaged_files

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
DESK = {"width": 1280, "height": 900}


class Clerk:
    """One person at one browser; `look` keeps a picture of what is seen."""

    def __init__(self, page: Page, address: str, language: str) -> None:
        self.page, self.address, self.language, self.pictures = page, address, language, 0

    def words(self, english: str) -> str:
        """What the page says in the clerk's own language."""
        with translation.override(self.language):
            return gettext(english)

    def says(self, english: str, text: str) -> bool:
        """Whether the sentence stands in the text, its figures aside."""
        pieces = re.split(r"%\(\w+\)s", self.words(english))
        return re.search(".+?".join(map(re.escape, pieces)), text) is not None

    def sign_in(self, username: str) -> None:
        self.page.context.clear_cookies()
        self.page.context.add_cookies(
            [{"name": "django_language", "value": self.language, "url": self.address}]
        )
        self.page.goto("/admin/login/?next=/admin/")
        self.page.locator("[name=username]").fill(username)
        self.page.locator("[name=password]").fill("field-of-rice-7")
        self.page.locator("#login-form [type=submit]").click()
        self.look("home")

    def look(self, name: str) -> None:
        self.page.wait_for_load_state()
        assert self.page.locator("h1").count() == 1
        self.pictures += 1
        if folder := os.environ.get("SCREENSHOTS"):
            self.page.wait_for_load_state("networkidle")
            file = Path(folder) / self.language / f"{self.pictures:02d}-{name}.png"
            self.page.screenshot(path=file, full_page=True)

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.words(name), exact=True).first.click()

    def bring(self, kind: str, path: Path, evidence: Path | None = None) -> None:
        """Choose a file and wait until its columns are shown."""
        self.page.goto(f"/admin/import/{kind}/")
        self.page.locator("[name=file]").set_input_files(path)
        if evidence is not None:
            self.page.locator("[name=evidence]").set_input_files(evidence)
        self.look(f"{kind}-choose")
        self.press("Look at the file")
        self.look(f"{kind}-progress")
        self.wait_for_work()
        self.look(f"{kind}-columns")

    def wait_for_work(self) -> None:
        """The worker's part: this process has no Celery."""
        upload = Upload.objects.latest("pk")
        run_upload(upload.pk, kinds=KINDS)
        # The page sees by itself that the work is done, and goes on.
        self.page.wait_for_selector("#upload-work", state="detached")

    def check(self, button: str = "Check again") -> None:
        self.press(button)
        self.wait_for_work()

    def row(self, number: int) -> Locator:
        return self.page.locator(f"#row-{number}")

    def mend(self, number: int, label: str, text: str) -> None:
        row = self.row(number)
        row.get_by_label(label, exact=True).fill(text)
        row.get_by_role("button", name=self.words("Keep what I typed")).click()

    def follow(self, name: str) -> None:
        inside = self.page.locator("#content")
        inside.get_by_role("link", name=self.words(name)).first.click()

    def reasons(self, number: int) -> str:
        return " ".join(self.row(number).locator(".upload-reason").all_inner_texts())


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if found is None:
        pytest.skip("no chromium here: apt install chromium (packages.txt)")
    with sync_playwright() as play, pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        opened = play.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(params=["en", "zh-hans"])
def clerk(request, browser: Browser, live_server, settings, tmp_path: Path) -> Clerk:
    settings.MEDIA_ROOT = tmp_path / "media"
    cooperative = Cooperative.objects.create(code="qiyun", name="栖云合作社", name_en="Qiyun")
    for role in (User.Role.OPERATOR, User.Role.APPROVER):
        User.objects.create_user(
            role, password="field-of-rice-7", cooperative=cooperative, role=role, is_staff=True
        )
    context = browser.new_context(base_url=live_server.url, viewport=DESK)  # type: ignore[arg-type]
    return Clerk(context.new_page(), live_server.url, request.param)


def bring_members(clerk: Clerk, files: DamagedFiles) -> None:
    clerk.bring("households", files.members)
    unknown = clerk.page.locator("tr", has_text="当家人").locator("select")
    unknown.select_option("head_name")
    clerk.check("Check the rows")
    clerk.look("households-errors")
    reasons = clerk.reasons(damaged_demo.BAD_DAY_ROW)
    assert clerk.says("There is no such day.", reasons)
    clerk.mend(damaged_demo.BAD_DAY_ROW, "入社日期", files.right["day"])
    clerk.mend(damaged_demo.BAD_IDENTITY_ROW, "身份证号", files.right["identity"])
    clerk.mend(damaged_demo.BAD_PHONE_ROW, "手机号", files.right["phone"])
    clerk.mend(damaged_demo.TWIN_ROW, "农户编码", files.right["twin"])
    clerk.check()
    clerk.look("households-clean")
    clerk.check("Bring in")
    clerk.look("households-done")
    assert Household.objects.count() == files.households


def bring_fields(clerk: Clerk, files: DamagedFiles) -> None:
    clerk.bring("fields", files.fields)
    clerk.check("Check the rows")
    clerk.look("fields-errors")
    for number, fault in (
        (damaged_demo.CROSSING, "The outline crosses itself at %(place)s. Move that corner."),
        (
            damaged_demo.TWO_PARTS,
            "The outline has several parts (%(number)s). Give each its own field code.",
        ),
    ):
        assert clerk.says(fault, clerk.reasons(number))
        repaired = clerk.words("Take the repaired outline")
        clerk.row(number).get_by_role("button", name=repaired).click()
    clerk.mend(damaged_demo.SHORT_CODE, "DKBM", files.right["code"])
    clerk.mend(damaged_demo.STRANGER, "农户编码", files.right["holder"])
    clerk.check()
    clerk.look("fields-clean")
    # A contract that says 40% more is a warning with both figures, and blocks nothing.
    assert "%" in clerk.reasons(damaged_demo.LARGE_CONTRACT)
    clerk.check("Bring in")
    clerk.look("fields-done")
    assert Field.objects.count() == files.plots


def bring_practices(clerk: Clerk, files: DamagedFiles) -> None:
    clerk.bring("practices", files.practices, files.evidence)
    clerk.check("Check the rows")
    clerk.look("practices-errors")
    clerk.mend(damaged_demo.BAD_PRACTICE_ROW, "农事措施", files.right["practice"])
    clerk.mend(damaged_demo.BAD_FIELD_ROW, "地块编码", files.right["field"])
    clerk.mend(damaged_demo.BAD_DONE_ROW, "日期", files.right["done"])
    clerk.check()
    clerk.look("practices-clean")
    clerk.check("Bring in")
    clerk.look("practices-done")
    assert PracticeRecord.objects.confirmed().count() == files.records


def test_twelve_damages_are_mended_on_the_pages_up_to_a_clean_project(
    clerk: Clerk, tmp_path: Path
) -> None:
    files = write_damaged_files(tmp_path)
    clerk.sign_in("operator")
    bring_members(clerk, files)
    bring_fields(clerk, files)
    bring_practices(clerk, files)
    assert Village.objects.filter(households__isnull=False).exists()
    assert not PayeeAccount.objects.active().exists()
    set_up_project(clerk)
    refused = Enrolment.objects.filter(status=Enrolment.Status.REFUSED)
    enrolled = Enrolment.objects.filter(status=Enrolment.Status.ENROLLED)
    assert Project.objects.count() == 1
    assert enrolled.count() + refused.count() == files.plots
    clerk.page.goto("/admin/")
    clerk.look("home-with-project")


def set_up_project(clerk: Clerk) -> None:
    page = clerk.page
    page.goto("/admin/credits/project/")
    clerk.look("projects")
    clerk.follow("Set up a project")
    for label, text in (
        ("Code", "qihe"),
        ("Name", "栖禾村"),
        ("Contract from", "2023-01-01"),
        ("Contract to", "2027-12-31"),
    ):
        page.get_by_label(clerk.words(label), exact=True).fill(text)
    page.get_by_label(clerk.words("Region"), exact=True).select_option("kansas-east")
    page.locator("[name='ccx-sample_rate']").fill("10")
    page.locator("[name='ccx-fees.exchange_usd_per_tonne']").fill("0.20")
    clerk.look("project-form")
    page.locator("form.decision-form [type=submit].decision-main").click()
    clerk.follow("栖禾村")
    clerk.look("project")
    clerk.follow("Enrol fields")
    clerk.look("enrol")
    page.locator("[type=submit].decision-main").click()
    clerk.look("enrolled")
    clerk.follow("Enrolments")
    clerk.look("enrolments")
