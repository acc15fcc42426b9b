"""The wording of agreements: places are checked by name, versions follow one another."""

from __future__ import annotations

import pytest

from aggregator.agreement_templates import (
    NothingChanged,
    WordsMissing,
    current_template,
    kept_template,
    wording_of,
    write_template,
)
from aggregator.agreement_wording import (
    LooseBrace,
    PlotsMissing,
    UnknownPlace,
    UnknownWording,
    Wording,
    fill_paragraphs,
    fill_places,
    known_places,
    split_paragraphs,
)
from aggregator.errors import NotAllowed
from aggregator.models import AgreementTemplate, AuditEvent
from aggregator.roles import NotYours
from tests.cast import Cast

GOOD = Wording("协议", "{head} 同意。\n\n{plots}", "Agreement", "{head} agrees.\n\n{plots}")


def write(cast: Cast, wording: Wording) -> AgreementTemplate:
    return write_template(cast.cooperative, program="ccx", wording=wording, by=cast.operator)


def test_the_program_s_own_wording_is_the_first_version(sunrise: Cast) -> None:
    template = current_template(sunrise.cooperative, program="ccx")
    assert (template.pk, template.version) == (None, 1)
    assert (template.title, template.title_en) == ("碳汇委托协议", "Carbon pooling agreement")
    kept = kept_template(sunrise.cooperative, program="ccx")
    assert kept.pk
    assert kept_template(sunrise.cooperative, program="ccx").pk == kept.pk


def test_both_languages_of_the_first_wording_have_the_same_sections() -> None:
    from credits.programs.wording import read_wording

    wording = read_wording("ccx")
    headings = [
        [part for part in split_paragraphs(body) if part.startswith("# ")]
        for body in (wording.body, wording.body_en)
    ]
    paragraphs = [len(split_paragraphs(body)) for body in (wording.body, wording.body_en)]
    assert len(headings[0]) == len(headings[1]) == 12
    assert paragraphs[0] == paragraphs[1]


def test_the_first_wording_uses_every_place_of_its_program() -> None:
    from credits.programs.wording import read_wording

    wording = read_wording("ccx")
    for body in (wording.body, wording.body_en):
        assert [name for name in known_places("ccx") if f"{{{name}}}" not in body] == []


def test_what_is_written_becomes_the_next_version_and_leaves_the_last(sunrise: Cast) -> None:
    written = write(sunrise, GOOD)
    assert (written.version, written.recorded_by) == (2, sunrise.operator)
    assert AgreementTemplate.objects.get(version=1).title == "碳汇委托协议"
    assert wording_of(current_template(sunrise.cooperative, program="ccx")) == GOOD
    assert AuditEvent.objects.get(action="write_template").object_id == str(written.pk)


def test_the_same_text_again_makes_no_version(sunrise: Cast) -> None:
    write(sunrise, GOOD)
    with pytest.raises(NothingChanged):
        write(sunrise, GOOD)


@pytest.mark.parametrize(
    ("body", "refusal", "named"),
    [
        ("{plots}\n\n{bank_card}", UnknownPlace, "{bank_card}"),
        ("{plots}\n\n{head.__class__}", UnknownPlace, "{head.__class__}"),
        ("{plots}\n\n{head!r}", UnknownPlace, "{head!r}"),
        ("{plots}\n\n{}", UnknownPlace, "{}"),
        ("{plots}\n\n{{head}", LooseBrace, "{ or }"),
        ("{plots}\n\nhead}", LooseBrace, "{ or }"),
        ("{head} agrees.", PlotsMissing, "{plots}"),
        ("The plots {plots} are meant.", PlotsMissing, "{plots}"),
    ],
)
@pytest.mark.usefixtures("in_english")
def test_a_place_that_nothing_fills_is_refused_by_name(
    sunrise: Cast, body: str, refusal: type[Exception], named: str
) -> None:
    with pytest.raises(refusal) as caught:
        write(sunrise, Wording("协议", GOOD.body, "Agreement", body))
    assert named in str(caught.value)
    assert not AgreementTemplate.objects.filter(version=2).exists()


def test_all_four_texts_are_needed(sunrise: Cast) -> None:
    with pytest.raises(WordsMissing):
        write(sunrise, Wording("协议", GOOD.body, " ", GOOD.body_en))


def test_a_program_without_a_wording_is_refused_by_name(sunrise: Cast) -> None:
    with pytest.raises(UnknownWording, match="hope"):
        kept_template(sunrise.cooperative, program="hope")


def test_who_only_looks_writes_no_wording(sunrise: Cast, riverbend: Cast) -> None:
    for by, refusal in ((sunrise.viewer, NotAllowed), (riverbend.operator, NotYours)):
        with pytest.raises(refusal):
            write_template(sunrise.cooperative, program="ccx", wording=GOOD, by=by)


def test_names_that_look_like_places_stay_as_they_are() -> None:
    assert fill_places("{head} agrees", {"head": "{plots} %s <b>"}) == "{plots} %s <b> agrees"


def test_headings_texts_and_the_place_of_the_plots_are_told_apart() -> None:
    body = "# One\r\n\r\n{head}\r\nagrees.\r\n\r\n\r\n{plots}\r\n"
    assert fill_paragraphs(body, {"head": "Li"}) == [
        {"kind": "heading", "text": "One"},
        {"kind": "text", "text": "Li agrees."},
        {"kind": "plots", "text": ""},
    ]
