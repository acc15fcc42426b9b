"""The admin shows words where codes are stored."""

from types import SimpleNamespace

from django.utils import translation

from aggregator.admin_columns import table_column
from aggregator.event_names import count_text, event_name, import_kind_name, kind_name
from aggregator.models import User


def test_a_member_of_staff_goes_by_his_name_and_by_his_sign_in_where_there_is_none() -> None:
    assert str(User(username="li", first_name="李稔")) == "李稔"
    assert str(User(username="li")) == "li"


def test_the_audit_log_names_the_step_and_the_kind_of_row() -> None:
    with translation.override("zh-hans"):
        assert event_name("enrol_fields") == "地块入池"
        assert kind_name("settlement") == "结算"
        assert import_kind_name("fields") == "地块"


def test_a_code_that_no_word_is_known_for_stays_as_it_is() -> None:
    assert event_name("of_long_ago") == "of_long_ago"
    assert kind_name("of_long_ago") == "of_long_ago"
    assert import_kind_name("of_long_ago") == "of_long_ago"


def test_an_import_tells_its_counts_without_the_zeros() -> None:
    with translation.override("en"):
        told = count_text({"created": 1585, "updated": 0, "unchanged": 3})
    assert told == "created 1,585 · unchanged 3"


def test_a_table_of_terms_says_keys_and_codes_in_words_and_escapes_the_rest() -> None:
    row = SimpleNamespace(
        terms={"rates": [{"practice": "no_till", "irrigated": True}], "crops": ["<tea>", "rice"]}
    )
    words = {"rates": "Rates", "no_till": "no-till", "practice": "Practice"}
    with translation.override("en"):
        shown = table_column("terms", "Terms", words=words)(None, row)
    assert shown == (
        "<table class=\"terms\"><tr><th scope='row'>Rates</th><td>"
        "<table class=\"terms\"><tr><th scope='col'>Practice</th>"
        "<th scope='col'>irrigated</th></tr>"
        "<tr><td>no-till</td><td>yes</td></tr></table></td></tr>"
        "<tr><th scope='row'>crops</th><td>&lt;tea&gt;, rice</td></tr></table>"
    )
