"""A name kept in two languages is shown in the reader's."""

from django.utils.translation import override

from tests.cast import Cast


def test_the_english_name_is_for_those_who_read_english(sunrise: Cast) -> None:
    with override("en"):
        assert str(sunrise.cooperative) == "Sunrise"
    with override("zh-hans"):
        assert str(sunrise.cooperative) == "青山合作社"


def test_without_an_english_name_the_only_one_is_shown(sunrise: Cast) -> None:
    with override("en"):
        assert str(sunrise.village) == "一村"
