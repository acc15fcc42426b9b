"""The columns a field layer may have, under whose names, and the words inside them.

Land registry names are those of NY/T 2539-2016, field boundary names those of fiboa 0.2.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext_lazy, gettext_noop

from aggregator.files import FileRefused
from aggregator.tabular import Column, heading_key, match_headings, require_headings
from farms.layer import FEATURE_NUMBER, Layer
from farms.models import Field

# A shapefile cuts column names to ten letters, so those stumps are headings too.
COLUMNS = (
    Column(
        "field_code",
        ("地块编码", "地块代码", "dkbm"),
        gettext_noop("field code"),
        required=True,
        code=True,
    ),
    Column("field_name", ("地块名称", "dkmc"), gettext_noop("field name")),
    Column(
        "village_code", ("村编码", "村代码", "village_co"), gettext_noop("village code"), code=True
    ),
    Column(
        "household_code",
        ("农户编码", "承包方编码", "cbfbm", "household_"),
        gettext_noop("household code"),
        code=True,
    ),
    Column(
        "operator_code",
        ("经营农户编码", "operator_c"),
        gettext_noop("household code of the operator"),
        code=True,
    ),
    Column(
        "tenure_starts_on",
        ("承包开始", "承包开始日期", "tenure_sta", "承包期限起", "cbqxq"),
        gettext_noop("contract from"),
    ),
    Column(
        "tenure_ends_on",
        ("承包结束", "承包结束日期", "tenure_end", "承包期限止", "cbqxz"),
        gettext_noop("contract to"),
    ),
    Column(
        "transfer_starts_on",
        ("流转开始", "流转开始日期", "transfer_s"),
        gettext_noop("transfer from"),
    ),
    Column(
        "transfer_ends_on", ("流转结束", "流转结束日期", "transfer_e"), gettext_noop("transfer to")
    ),
    Column(
        "contract_area_mu",
        ("合同面积", "合同面积(亩)", "合同面积（亩）", "htmjm"),
        gettext_noop("contract area (mu)"),
    ),
    Column(
        "contract_area_m2",
        ("合同面积(平方米)", "合同面积（平方米）", "htmj"),
        gettext_noop("contract area (m²)"),
    ),
    Column(
        "measured_area_mu",
        ("实测面积", "实测面积(亩)", "实测面积（亩）", "scmjm"),
        gettext_noop("measured area (mu)"),
    ),
    Column(
        "measured_area_m2",
        ("实测面积(平方米)", "实测面积（平方米）", "scmj"),
        gettext_noop("measured area (m²)"),
    ),
    Column("measured_area_ha", ("area_ha",), gettext_noop("measured area (ha)")),
    Column("land_class", ("地类",), gettext_noop("land class")),
    Column("basic_farmland", ("是否基本农田", "sfjbnt"), gettext_noop("permanent basic farmland")),
    Column("land_use", ("土地用途", "tdyt"), gettext_noop("land use")),
    Column(
        "obtained_by",
        ("承包经营权取得方式", "cbjyqqdfs"),
        gettext_noop("how the right was obtained"),
        code=True,
    ),
    Column("contracts", ("cbdkxx",), gettext_noop("contracts of the ownership table"), code=True),
)
# Understood only where nothing better stands for the same, and the second only in fiboa's files,
# where an area is in hectares.
FALLBACKS = {"name": "field_name"}
FIBOA = {"id": "field_code", "area": "measured_area_ha"}
_FIBOA_SIGNS = ("determination_datetime", "determination_method", "crop:code", "crop:name")
# What the registry and fiboa keep that has no place here: known, so nobody need be told.
_ASIDE_NAMES = (
    "bsm ysdm fbfbm syqxz dklb tdlylx dldj dkdz dkxz dknz dkbz dkbzxx zjrxm kjzb cbhtbm lzhtbm "
    "sfqqqg cbjyqzbm yhtmj yhtmjm shape_leng shape_length shape_area objectid description "
    "collection perimeter category determination_datetime determination_method "
    "determination_details bbox"
)
ASIDE = {heading_key(name) for name in _ASIDE_NAMES.split()}

# Parcel codes have 19 digits, GB/T 35958-2018. Other codes are the cooperative's own.
FIELD_CODE_DIGITS = 19

LAND_CLASSES = {
    "永久基本农田": Field.LandClass.PERMANENT_BASIC,
    "高标准农田": Field.LandClass.HIGH_STANDARD,
    "一般农田": Field.LandClass.GENERAL,
    "permanent_basic": Field.LandClass.PERMANENT_BASIC,
    "high_standard": Field.LandClass.HIGH_STANDARD,
    "general": Field.LandClass.GENERAL,
    "基本农田": Field.LandClass.PERMANENT_BASIC,
    "一般耕地": Field.LandClass.GENERAL,
}
# NY/T 2539-2016, 是否基本农田: 1 yes, 2 no.
BASIC_FARMLAND = {
    "1": Field.LandClass.PERMANENT_BASIC,
    "是": Field.LandClass.PERMANENT_BASIC,
    "2": Field.LandClass.GENERAL,
    "否": Field.LandClass.GENERAL,
}
CROPPING = "1"
# NY/T 2539-2016, table C.9; only the first grows crops.
LAND_USES = {
    CROPPING: gettext_lazy("crops"),
    "2": gettext_lazy("forestry"),
    "3": gettext_lazy("animals"),
    "4": gettext_lazy("fishery"),
    "5": gettext_lazy("other than farming"),
}
# NY/T 2539-2016, table C.10. An exchanged (互换) or assigned (转让) right makes its new holder the
# contractor, by articles 33 and 34 of the Rural Land Contracting Law as of 2018: all but 900 are
# contracts.
OTHER_WAY = "900"
OBTAINED_BY = {
    code: code for code in ("100", "110", "120", "121", "122", "123", "129", "200", "300")
} | {OTHER_WAY: OTHER_WAY}


class ColumnNotThere(FileRefused):
    code = "column_not_there"
    message = gettext_lazy("The layer has no column %(column)s. It has: %(columns)s.")


class ColumnNotKnown(FileRefused):
    code = "column_not_known"
    message = gettext_lazy("Fields have no %(column)s. They have: %(columns)s.")


def match_columns(
    layer: Layer, columns: Mapping[str, str], constants: Mapping[str, str]
) -> tuple[dict[str, str], list[str]]:
    """Our keys with the layer's column names, and the columns of the layer nobody asked for.

    Raises:
        FileRefused: a column named is not there or not ours, or one that must be is missing.
    """
    keys = {column.key for column in COLUMNS}
    for key in (*columns, *constants):
        if key not in keys:
            raise ColumnNotKnown(column=key, columns=", ".join(sorted(keys)))
    for name in columns.values():
        if name not in layer.headings:
            raise ColumnNotThere(column=name, columns=", ".join(layer.headings))
    taken = {*columns.values(), FEATURE_NUMBER}
    free = [name for name in layer.headings if name not in taken]
    unsaid = [c for c in COLUMNS if c.key not in columns and c.key not in constants]
    found, ignored = match_headings(free, unsaid)
    matched = {column.key: free[at] for at, column in found.items()} | dict(columns)
    matched |= _match_fallbacks(ignored, {*matched, *constants}, layer.headings)
    require_headings([c for c in COLUMNS if c.key in matched], unsaid)
    unread = [n for n in ignored if n not in matched.values() and heading_key(n) not in ASIDE]
    return matched, unread


def _match_fallbacks(ignored: list[str], taken: set[str], headings: list[str]) -> dict[str, str]:
    fiboa = not {heading_key(sign) for sign in _FIBOA_SIGNS}.isdisjoint(map(heading_key, headings))
    known = FALLBACKS | (FIBOA if fiboa else {})
    return {
        known[heading_key(name)]: name
        for name in ignored
        if known.get(heading_key(name), "") not in {"", *taken}
    }
