"""Lists in the admin take as many queries for many rows as for few."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from aggregator.models import User
from tests.admin_pages import signed_in
from tests.cast import make_cast
from tests.whole_line import make_whole_line

MOST = 12
# Session, reader, cooperative, the page's keys and its rows. More are the filters'
# choices and what a page says of its cooperative; each is named so that a new one is noticed.
PLAIN = 5
MORE = {
    6: (
        "aggregator.importrun aggregator.user credits.blockevent credits.clawbackproposal "
        "credits.creditblock credits.enrolment credits.fieldresult credits.issuance "
        "credits.monitoringperiod credits.quantificationrun credits.removal credits.reversal "
        "credits.sampledfield credits.soilcampaign credits.soillayer credits.soilpoint "
        "credits.soilreport "
        "credits.verification credits.verifierassignment payouts.villagedocument "
        "payouts.waterfallrule"
    ),
    7: (
        "aggregator.agreement aggregator.agreementtemplate aggregator.duplicatepair "
        "aggregator.household credits.lot farms.field payouts.journalentry payouts.payment "
        "payouts.posting payouts.settlement payouts.statement"
    ),
    8: "aggregator.auditevent farms.practicerecord",
    9: "payouts.receipt payouts.share",
}
# Names the rows of all kinds that a page speaks of, one query for each of the ten here; asks once
# for each step in which several persons wrote; and six times more for who, which groups, how many,
# their keys, what stands in each, and imports.
BY_KIND = "/admin/aggregator/recordchange/"
KINDS_NAMED = 10
STEPS_OF_SEVERAL = 5


def count_queries(client: Client) -> dict[str, int]:
    counts = {}
    for model in admin.site._registry:
        address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        with CaptureQueriesContext(connection) as queries:
            assert client.get(address).status_code == 200, address
        counts[address] = len(queries)
    return counts


@pytest.mark.django_db
def test_no_list_asks_the_database_a_row_at_a_time() -> None:
    few = make_cast("few", name="少", households=2, east=118.0)
    many = make_cast("many", name="多", households=9, east=119.0)
    make_whole_line(few)
    make_whole_line(many)
    counted_few = count_queries(signed_in(few.operator))
    counted_many = count_queries(signed_in(many.operator))
    grown = {
        address: (counted_few[address], count)
        for address, count in counted_many.items()
        if address != BY_KIND and (count > counted_few[address] or count > MOST)
    }
    assert grown == {}


@pytest.mark.django_db
def test_each_list_asks_exactly_what_it_needs() -> None:
    cast = make_cast("many", name="多", households=9, east=119.0)
    make_whole_line(cast)
    counts = count_queries(signed_in(cast.operator))
    pinned = {
        f"/admin/{name.replace('.', '/')}/": n
        for n, names in MORE.items()
        for name in names.split()
    }
    wrong = {
        address: (count, pinned.get(address, PLAIN))
        for address, count in counts.items()
        if address != BY_KIND and count != pinned.get(address, PLAIN)
    }
    assert wrong == {}
    assert counts[BY_KIND] == PLAIN + 6 + STEPS_OF_SEVERAL + KINDS_NAMED


@pytest.mark.django_db
def test_a_superuser_sees_every_list() -> None:
    cast = make_cast("few", name="少", households=2, east=118.0)
    make_whole_line(cast)
    root = User.objects.create_superuser("root", password="r")
    counts = count_queries(signed_in(root))
    assert counts.pop(BY_KIND) <= 3 * MOST
    assert max(counts.values()) <= MOST
