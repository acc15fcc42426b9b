"""The printed agreement: both languages, the plots, the hash, page numbers, rare characters."""

from __future__ import annotations

from datetime import date

from aggregator.agreement_templates import write_template
from aggregator.agreement_wording import Wording
from aggregator.models import Agreement, Person
from farms.agreement_document import render_agreement, render_agreements
from farms.models import Field
from tests.cast import Cast
from tests.credits.test_rights import transfer
from tests.farms.agreement_steps import make_draft, read_pdf


def test_chinese_and_english_hold_plots_terms_hash_and_boxes(sunrise: Cast) -> None:
    sunrise.fields[0].contract_area_m2 = "9800.00"
    sunrise.fields[0].save()
    draft = make_draft(sunrise)
    chinese = read_pdf(render_agreement(draft))
    english = read_pdf(render_agreement(draft, language="en"))
    for pages in (chinese, english):
        whole = "".join(pages)
        # 10,000 m² are 15.00 mu, 9,800 m² are 14.70.
        for said in (draft.code, "F001", "15.00", "14.70", "20%", "10%"):
            assert said in whole
        for number, page in enumerate(pages, start=1):
            assert draft.text_sha256 in page.replace(" ", "")
            assert f"{number}/{len(pages)}" in page.replace(" ", "")
    assert "碳汇委托协议" in chinese[0]
    assert "青山合作社" in chinese[0]
    assert "Carbon pooling agreement" in english[0]
    assert "Signature" in english[-1]
    assert "The cooperative (seal)" in english[-1]


def test_transferred_land_says_who_contracts_and_who_farms(sunrise: Cast) -> None:
    transfer(sunrise, date(2027, 1, 1))
    contractor = "".join(read_pdf(render_agreement(make_draft(sunrise, 0), language="en")))
    operator = "".join(read_pdf(render_agreement(make_draft(sunrise, 1), language="en")))
    assert "contracts it, has transferred it" in contractor
    assert "farmed by 户主2 (H002), from 1 January 2027" in contractor
    assert "contracting plots 1 that others farm" in contractor
    assert "farms it by transfer (from 1 January 2027)" in operator
    assert "The household, farming plots 1, 2" in operator


def test_rare_characters_print(sunrise: Cast) -> None:
    Person.objects.filter(household=sunrise.households[0]).update(name="王𬍛喆")
    assert "王𬍛喆" in read_pdf(render_agreement(make_draft(sunrise)))[0]


def test_the_pdf_is_made_from_the_frozen_text_alone(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    before = render_agreement(draft)
    Field.objects.filter(code="F001").update(name="另一块")
    Person.objects.filter(household=sunrise.households[0]).update(name="别人")
    wording = Wording("别的", "{plots}", "Other", "{plots}")
    write_template(sunrise.cooperative, program="ccx", wording=wording, by=sunrise.operator)
    assert render_agreement(Agreement.objects.get(pk=draft.pk)) == before


def test_names_are_text_and_never_markup(sunrise: Cast) -> None:
    Field.objects.filter(code="F001").update(name="<img src='file:///etc/passwd'>")
    assert "<img src=" in read_pdf(render_agreement(make_draft(sunrise)))[0]


def test_a_village_s_agreements_bind_into_one_file_each_numbered_alone(sunrise: Cast) -> None:
    drafts = [make_draft(sunrise, number) for number in range(2)]
    pages = [page.replace(" ", "") for page in read_pdf(render_agreements(drafts))]
    alone = len(read_pdf(render_agreement(drafts[0])))
    # Printed on both sides, the second begins on a sheet of its own.
    sheets = -(-alone // 2)
    assert len(pages) == 2 * 2 * sheets
    for place, draft in enumerate(drafts):
        own = pages[place * 2 * sheets :][: 2 * sheets]
        for number, page in enumerate(own[:alone], start=1):
            assert f"{number}/{alone}" in page
            assert draft.text_sha256 in page
        assert own[alone:] == [""] * (alone % 2)


def test_who_signed_and_what_was_revoked_stand_on_the_copy(sunrise: Cast) -> None:
    draft = make_draft(sunrise)
    head = sunrise.households[0].persons.get(is_head=True)
    Agreement.objects.filter(pk=draft.pk).update(
        signed_on=date(2026, 3, 1),
        signed_by=head,
        signed_how="phone",
        revoked_on=date(2027, 5, 2),
    )
    said = "".join(read_pdf(render_agreement(Agreement.objects.get(pk=draft.pk), language="en")))
    assert "Signed by 户主1 on 1 March 2026 with a code sent to the household's phone." in said
    assert "Revoked: no longer in force from 2 May 2027." in said
