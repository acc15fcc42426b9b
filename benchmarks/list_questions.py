"""What the lists benchmark asks: addresses of lists, searches, filters and orders, and of the map.

Places in braces are filled for each cooperative.
"""

from __future__ import annotations

# Pages end at 10,000 rows: the last is the 40th of 2,000 fields and the 200th of 200,000.
_PAGES = {"first page": "", "page 30": "?p=30", "last page": "?p={last}"}


def _orders(**columns: int) -> dict[str, str]:
    both = {}
    for name, number in columns.items():
        both[f"by {name}"] = f"?o={number}"
        both[f"by {name}, descending"] = f"?o=-{number}"
    return both


_WHOLE = "box=111,29,115,33&zoom=7"
_TOWN = "box=112,30,112.2,30.2&zoom=12"
_NEAR = "box=112.06,30,112.08,30.02&zoom=16"

# name -> (address, what is asked -> its query)
LISTS: dict[str, tuple[str, dict[str, str]]] = {
    "fields": (
        "/admin/farms/field/",
        {
            **_PAGES,
            "search a code": "?q=F0000123",
            "search the end of a code": "?q=*0123",
            "search what all have": "?q=F",
            "search a name": "?q=东坡7",
            "search a household's code": "?q=H0000123",
            # Found on 2 fields and on 222; then on 222 and 22,222.
            "search a household's name": "?q=户主123",
            "search a name that very many have": "?q=户主1",
            "search what is not there": "?q=nowhere",
            "filter by land class": "?land_class__exact=general",
            "filter by village": "?village__id__exact={village}",
            "filter by village's name": "?village__named=村3",
            "filter by grain guard": "?guard=any",
            "filters and search": "?village__id__exact={village}&land_class__exact=general&q=东坡",
            **_orders(code=0, name=1, village=2, contract_area=4),
        },
    ),
    "households": (
        "/admin/aggregator/household/",
        {
            "first page": "",
            "page 20": "?p=20",
            "search a code": "?q=H0000123",
            "search a name": "?q=户主12",
            "search a name that very many have": "?q=户主",
            "search what is not there": "?q=nowhere",
            "filter by village": "?village__id__exact={village}",
            "filter by language": "?language__exact=zh-hans",
            **_orders(code=0, village=2),
        },
    ),
    "practice records": (
        "/admin/farms/practicerecord/",
        {
            **_PAGES,
            "search a field": "?q=F0000123",
            "search a crop": "?q=rice",
            "search what is not there": "?q=nowhere",
            "lacks evidence": "?evidence=lacks",
            "has evidence": "?evidence=has",
            "is doubtful": "?evidence=doubtful",
            "reported": "?status__exact=reported",
            "of a season": "?season__id__exact={season}",
            "of a practice": "?practice=no_till",
            "of a village": "?field__village__id__exact={village}",
            "irrigated": "?irrigated__exact=1",
            "village, practice, lacks": (
                "?field__village__id__exact={village}&practice=no_till&evidence=lacks"
            ),
            **_orders(field=0, day=5),
        },
    ),
    "tenures": (
        "/admin/farms/tenure/",
        {
            **_PAGES,
            "search a household": "?q=H0000123",
            "transfers": "?kind__exact=transfer",
            **_orders(field=0, household=1),
        },
    ),
    "enrolments": (
        "/admin/credits/enrolment/",
        {
            **_PAGES,
            "search a field": "?q=F0000123",
            "refused": "?status__exact=refused",
            "of a project": "?project__id__exact={project}",
            **_orders(field=0),
        },
    ),
    "evidence": (
        "/admin/farms/evidence/",
        {
            **_PAGES,
            "search a field": "?q=F0000123",
            "photos": "?kind__exact=photo",
            "far from the field": "?doubt=far_from_field",
            **_orders(added=4),
        },
    ),
    "changes": (
        "/admin/aggregator/recordchange/",
        {
            # A line for what was written in one go: few pages.
            "first page": "",
            "added": "?action__exact=added",
            "of fields": "?object_type=field",
            "of a month": "?at__gte=2025-11-01&at__lt=2025-12-01",
            **_orders(at=0),
        },
    ),
    "audit log": (
        "/admin/aggregator/auditevent/",
        {
            **_PAGES,
            "search": "?q=changed",
            "of an action": "?action=changed",
            **_orders(at=0),
        },
    ),
    "map": (
        "/admin/map/",
        {
            "the page": "",
            "all, by land class": f"plots.json?{_WHOLE}&colour=land_class",
            "all, by practice": f"plots.json?{_WHOLE}&colour=practice&season={{season}}",
            "all, by evidence": f"plots.json?{_WHOLE}&colour=evidence&season={{season}}",
            "all, by overlap": f"plots.json?{_WHOLE}&colour=overlap",
            "a town, by land class": f"plots.json?{_TOWN}&colour=land_class",
            "a village, by practice": f"plots.json?{_NEAR}&colour=practice&season={{season}}",
            "search a code": "search.json?q=F0000123",
            "search what is not there": "search.json?q=nowhere",
        },
    ),
}
FILES = {
    "CSV": "/admin/farms/field/export/csv/",
    "XLSX": "/admin/farms/field/export/xlsx/",
    "GeoPackage": "/admin/farms/field/export/gpkg/",
}
