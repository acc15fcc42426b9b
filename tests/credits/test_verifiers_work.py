"""The verifier's own sign-in: what he sees, what he writes down, what he asks to be corrected."""

from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from PIL import Image

from aggregator.errors import NotAllowed
from aggregator.models import AuditEvent, User
from aggregator.roles import NotYours
from credits.admin.verifier_pages import say_turn
from credits.models import FindingEntry, Project, SampledField, Verification
from credits.verifying.corrective_actions import (
    NotTheirTurn,
    VerificationOver,
    WordsMissing,
    accept_answer,
    answer_action,
    raise_action,
    reject_answer,
)
from credits.verifying.finding_files import FileRefused, PictureRefused, add_photos
from credits.verifying.verification import (
    ActionsOpen,
    BadOverclaim,
    close_verification,
    prepare_verification,
    record_finding,
)
from credits.verifying.verifiers import (
    AlreadyAssigned,
    NotAssigned,
    UnknownVerifier,
    assign_verifier,
)
from credits.verifying.verifiers import end_assignment as end
from farms.models import Field
from tests.cast import Cast, make_season
from tests.credits.line import (
    closed_year,
    drawn_sample,
    make_enrolled_pool,
    make_pool,
    record_all,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]


@pytest.fixture
def check(sunrise: Cast, settings: Any, tmp_path: Any) -> Verification:
    """A drawn sample of Sunrise's three fields."""
    settings.MEDIA_ROOT = tmp_path
    make_season(sunrise, 2025)
    return drawn_sample(closed_year(make_enrolled_pool(sunrise), 2025, sunrise), sunrise)


@pytest.fixture
def outsider() -> User:
    """A verifier of no cooperative."""
    return User.objects.create(username="lin", role=User.Role.VERIFIER)


def signed_in(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def photo(colour: str = "green", name: str = "field.jpg") -> SimpleUploadedFile:
    picture = BytesIO()
    Image.new("RGB", (8, 8), colour).save(picture, "JPEG")
    return SimpleUploadedFile(name, picture.getvalue())


def test_an_unassigned_verifier_sees_nothing_and_may_do_nothing(
    check: Verification, outsider: User
) -> None:
    client = signed_in(outsider)
    assert "No project is assigned to you" in client.get("/admin/verify/").content.decode()
    assert client.get(f"/admin/verify/{check.pk}/").status_code == 404
    assert not Field.objects.for_user(outsider).exists()
    with pytest.raises(NotYours):
        record_finding(check.sample.all()[0], finding="conforms", by=outsider)
    with pytest.raises(NotYours):
        prepare_verification(check.period, body="Lin", by=outsider)


def test_an_assigned_verifier_of_no_cooperative_does_the_whole_work(
    sunrise: Cast, check: Verification, outsider: User
) -> None:
    assign_verifier(check.period.project, username="lin", by=sunrise.approver)
    client = signed_in(outsider)
    assert client.get("/admin/")["Location"] == "/admin/verify/"
    assert "Lin &amp; Partners" in client.get("/admin/verify/").content.decode()
    assert "F001" in client.get(f"/admin/verify/{check.pk}/").content.decode()
    for row in check.sample.all():
        address = f"/admin/verify/fields/{row.pk}/"
        assert client.get(address).status_code == 200
        sent = {"finding": "conforms", "note": "", "overclaimed_kg": ""}
        assert client.post(address, sent)["Location"] == f"/admin/verify/{check.pk}/"
    sent = {"positive": "yes", "opinion": "as found", "correction": "void"}
    client.post(f"/admin/credits/verification/{check.pk}/do/close/", sent)
    check.refresh_from_db()
    assert (check.status, check.closed_by) == ("positive", outsider)


def test_a_verifier_sees_his_projects_alone_in_every_list(
    sunrise: Cast, check: Verification, outsider: User
) -> None:
    other = make_pool(sunrise, code="valley")
    assignment = assign_verifier(other, username="lin", by=sunrise.operator)
    client = signed_in(outsider)
    assert list(Project.objects.for_user(outsider)) == [other]
    assert "F001" not in client.get("/admin/farms/field/").content.decode()
    key = sunrise.fields[0].pk
    assert client.get(f"/admin/farms/field/{key}/change/").status_code == 404
    assert client.get(f"/admin/credits/project/{other.pk}/change/").status_code == 200
    assert client.get("/admin/payouts/settlement/").status_code in (200, 403)
    end(assignment, by=sunrise.operator)
    assert not Project.objects.for_user(outsider).exists()
    with pytest.raises(NotAssigned):
        end(assignment, by=sunrise.operator)


def test_who_is_no_verifier_cannot_be_assigned_nor_anybody_twice(
    sunrise: Cast, riverbend: Cast, check: Verification
) -> None:
    project = check.period.project
    for username in ("nobody", sunrise.viewer.username):
        with pytest.raises(UnknownVerifier):
            assign_verifier(project, username=username, by=sunrise.operator)
    with pytest.raises(AlreadyAssigned):
        assign_verifier(project, username=sunrise.verifier.username, by=sunrise.operator)
    with pytest.raises(NotAllowed):
        assign_verifier(project, username=riverbend.verifier.username, by=sunrise.viewer)
    with pytest.raises(NotYours):
        assign_verifier(project, username=riverbend.verifier.username, by=riverbend.operator)
    assign_verifier(project, username=riverbend.verifier.username, by=sunrise.operator)
    record_finding(check.sample.all()[0], finding="conforms", by=riverbend.verifier)
    event = AuditEvent.objects.for_cooperative(sunrise.cooperative).get(action="record_finding")
    assert event.by == riverbend.verifier


def test_a_changed_finding_keeps_the_former_and_none_can_be_changed(
    sunrise: Cast, check: Verification
) -> None:
    row = check.sample.get(position=1)
    record_finding(row, finding="deviates", note="burnt", overclaimed_kg=300, by=sunrise.verifier)
    record_finding(row, finding="conforms", by=sunrise.verifier)
    kept = FindingEntry.objects.filter(sampled_field=row).order_by("pk")
    assert [(e.finding, e.overclaimed_kg, e.note) for e in kept] == [
        ("deviates", 300, "burnt"),
        ("conforms", None, ""),
    ]
    row.refresh_from_db()
    assert (row.finding, row.overclaimed_kg) == ("conforms", None)
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.update(note="never burnt")
    with pytest.raises(IntegrityError), transaction.atomic():
        kept.delete()


@pytest.mark.parametrize(("finding", "kg"), [("deviates", 1001), ("deviates", 0), ("conforms", 5)])
def test_no_field_claims_more_too_much_than_it_claims(
    sunrise: Cast, check: Verification, finding: str, kg: int
) -> None:
    with pytest.raises(BadOverclaim):
        record_finding(
            check.sample.all()[0], finding=finding, note="x", overclaimed_kg=kg, by=sunrise.verifier
        )


def test_pictures_are_kept_by_hash_and_shown_reduced(sunrise: Cast, check: Verification) -> None:
    row = check.sample.get(position=1)
    client = signed_in(sunrise.verifier)
    client.post(f"/admin/verify/fields/{row.pk}/", {"photos": [photo(), photo("red")]})
    add_photos(row, files=[photo()], by=sunrise.verifier)
    kept = list(row.photos.all())
    assert len(kept) == len({each.sha256 for each in kept}) == 2
    answer = client.get(f"/admin/verify/photos/{kept[0].pk}/")
    assert b"".join(answer.streaming_content)[:2] == b"\xff\xd8"
    with pytest.raises(PictureRefused):
        add_photos(row, files=[SimpleUploadedFile("a.jpg", b"none")], by=sunrise.verifier)
    with pytest.raises(NotAllowed):
        add_photos(row, files=[photo("blue")], by=sunrise.operator)


def test_a_request_is_raised_answered_refused_answered_and_closed(
    sunrise: Cast, check: Verification
) -> None:
    record_all(check, sunrise)
    action = raise_action(check, title="Straw", text="burnt?", by=sunrise.verifier)
    with pytest.raises(ActionsOpen):
        close_verification(check, positive=True, by=sunrise.verifier)
    check.refresh_from_db()
    with pytest.raises(NotTheirTurn):
        accept_answer(action, by=sunrise.verifier)
    client = signed_in(sunrise.operator)
    address = f"/admin/verify/requests/{action.pk}/"
    assert "Send the answer" in client.get(address).content.decode()
    invoice = SimpleUploadedFile("invoice.pdf", b"%PDF-1.7")
    client.post(address, {"step": "answer", "text": "baled", "files": [invoice]})
    reject_answer(action, text="no bales seen", by=sunrise.verifier)
    answer_action(action, text="they are in the barn", by=sunrise.operator)
    with pytest.raises(NotAllowed):
        accept_answer(action, by=sunrise.operator)
    accept_answer(action, by=sunrise.verifier)
    said = [(message.kind, message.files.count()) for message in action.messages.all()]
    assert said == [
        ("raised", 0), ("answered", 1), ("rejected", 0), ("answered", 0), ("closed", 0)
    ]  # fmt: skip
    close_verification(check, positive=True, by=sunrise.verifier)
    with pytest.raises(VerificationOver):
        raise_action(check, title="Late", text="late", by=sunrise.verifier)


def test_a_negative_opinion_need_not_wait(sunrise: Cast, check: Verification) -> None:
    raise_action(check, title="Straw", text="burnt", by=sunrise.verifier)
    close_verification(check, positive=False, opinion="no", by=sunrise.verifier)
    assert check.status == "negative"


def test_what_cannot_be_kept_of_a_request_is_refused(sunrise: Cast, check: Verification) -> None:
    for words in ({"title": "", "text": "x"}, {"title": "x", "text": " "}):
        with pytest.raises(WordsMissing):
            raise_action(check, **words, by=sunrise.verifier)
    script = SimpleUploadedFile("a.html", b"<script>")
    with pytest.raises(FileRefused):
        raise_action(check, title="x", text="x", files=[script], by=sunrise.verifier)
    with pytest.raises(NotAllowed):
        raise_action(check, title="x", text="x", by=sunrise.operator)
    assert not check.corrective_actions.exists()


def test_the_cooperatives_staff_read_the_sample_but_record_nothing(
    sunrise: Cast, riverbend: Cast, check: Verification
) -> None:
    row: SampledField = check.sample.all()[0]
    client = signed_in(sunrise.viewer)
    shown = client.get(f"/admin/verify/fields/{row.pk}/").content.decode()
    assert "Record the finding" not in shown
    client.post(f"/admin/verify/fields/{row.pk}/", {"finding": "conforms"})
    row.refresh_from_db()
    assert row.finding == "pending"
    assert signed_in(riverbend.viewer).get(f"/admin/verify/{check.pk}/").status_code == 404


@pytest.mark.usefixtures("in_english")
def test_a_request_says_whose_turn_it_is(sunrise: Cast, check: Verification) -> None:
    action = raise_action(check, title="Photo", text="Whose is it?", by=sunrise.verifier)

    def turns() -> list[str]:
        action.refresh_from_db()
        return [say_turn(action, person) for person in (sunrise.operator, sunrise.verifier)]

    assert turns() == [
        "Your turn: answer what the verifier asks.",
        "The cooperative's turn: the verifier waits for its answer.",
    ]
    answer_action(action, text="Ours.", by=sunrise.operator)
    assert turns() == [
        "The verifier's turn: the answer waits to be judged.",
        "Your turn: accept the answer, or say why it is not enough.",
    ]
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.operator)
    page = client.get(f"/admin/verify/requests/{action.pk}/").content.decode()
    assert "The verifier&#x27;s turn" in page
    accept_answer(action, by=sunrise.verifier)
    assert turns() == ["Closed: nobody has to do anything."] * 2


def test_the_map_of_a_sample_shows_each_field_by_what_was_found(
    sunrise: Cast, riverbend: Cast, check: Verification
) -> None:
    first = check.sample.first()
    assert first is not None
    record_finding(first, finding="deviates", note="ploughed", by=sunrise.verifier)
    client = Client()
    client.force_login(sunrise.verifier)
    found = client.get(f"/admin/verify/{check.pk}/plots.json").json()
    [plot] = [each for each in found["plots"] if each["number"] == first.position]
    assert (plot["shade"], plot["url"]) == ("deviates", f"/admin/verify/fields/{first.pk}/")
    # A ring of latitude and longitude that closes.
    [[ring]] = plot["parts"]
    assert ring[0] == ring[-1]
    assert 29 < ring[0][0] < 31
    assert sum(shade["n"] for shade in found["legend"]) == check.sample_size
    client.force_login(riverbend.verifier)
    assert client.get(f"/admin/verify/{check.pk}/plots.json").status_code == 404
