"""Crops by their many names: one spelling each, and what kind of use of the land each is.

Pure: imports no Django. Knows words, and nothing of fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

# Longest crop text a record holds.
MAX_TEXT = 64
_SEPARATORS = re.compile(r"\s*[+、;；,，/／&]\s*|\s+(?:和\s*|and\s+)", re.IGNORECASE)
# Joined without a space, these may also be part of a name.
_CONJUNCTIONS = re.compile("[和与及]")
_CJK = re.compile("[\u3400-\u9fff]")
# Words that say when it is sown or how, not what it is.
_ADORNMENTS = re.compile("^(冬|春|夏|秋|winter|spring|summer|autumn)")


class Use(StrEnum):
    """The order in which cropland is to be used: grain first, then food and fodder, then others.

    Source: State Council Office, 国办发〔2020〕44号, section 2(1).
    """

    GRAIN = "grain"
    FOOD = "food"
    ORCHARD = "orchard"
    TREES = "trees"
    POND = "pond"


@dataclass(frozen=True, slots=True)
class Crop:
    """One crop: `names` are other spellings of it, `sorts` are kinds of it that keep their name."""

    code: str
    use: Use
    chinese: str
    english: str
    names: tuple[str, ...] = ()
    sorts: tuple[str, ...] = ()


def _crop(use: Use, code: str, chinese: str, names: str = "", sorts: str = "") -> Crop:
    return Crop(
        code, use, chinese, code.replace("_", " "), tuple(names.split()), tuple(sorts.split())
    )


# Grain is what the National Bureau of Statistics counts as such: cereals, pulses, and tubers.
# Source: 国家统计局《农林牧渔业统计调查制度》: 谷物、豆类、薯类.
CROPS = (
    _crop(
        Use.GRAIN,
        "rice",
        "水稻",
        "稻谷 稻子 稻 大米 shuidao daogu paddy",
        "早稻 中稻 晚稻 双季稻 再生稻 粳稻 籼稻 糯稻 旱稻",
    ),
    _crop(Use.GRAIN, "wheat", "小麦", "麦子 xiaomai", "冬小麦 春小麦 winter_wheat spring_wheat"),
    _crop(
        Use.GRAIN,
        "maize",
        "玉米",
        "苞谷 包谷 苞米 棒子 玉蜀黍 yumi corn",
        "春玉米 夏玉米 鲜食玉米 甜玉米 糯玉米",
    ),
    _crop(Use.GRAIN, "soybean", "大豆", "黄豆 dadou soya soy soybeans soyabean", "黑豆 青豆"),
    _crop(Use.GRAIN, "potato", "马铃薯", "土豆 洋芋 山药蛋 malingshu tudou potatoes"),
    _crop(
        Use.GRAIN,
        "sweet_potato",
        "甘薯",
        "红薯 白薯 地瓜 番薯 红苕 薯类 ganshu hongshu sweet_potatoes",
    ),
    _crop(Use.GRAIN, "millet", "谷子", "粟 小米 guzi", "黍子 糜子"),
    _crop(Use.GRAIN, "sorghum", "高粱", "gaoliang milo"),
    _crop(Use.GRAIN, "barley", "大麦", "damai", "青稞 啤酒大麦"),
    _crop(Use.GRAIN, "oats", "燕麦", "莜麦 yanmai oat"),
    _crop(Use.GRAIN, "rye", "黑麦", "heimai"),
    _crop(Use.GRAIN, "buckwheat", "荞麦", "qiaomai"),
    _crop(Use.GRAIN, "mung_bean", "绿豆", "lvdou lüdou mung_beans"),
    _crop(Use.GRAIN, "adzuki_bean", "红小豆", "小豆 红豆 赤豆"),
    _crop(Use.GRAIN, "pulses", "杂豆", "豆类 beans peas lentils", "蚕豆 豌豆 芸豆 豇豆"),
    _crop(Use.FOOD, "rapeseed", "油菜", "油菜籽 youcai canola oilseed_rape"),
    _crop(Use.FOOD, "peanut", "花生", "落花生 huasheng groundnut peanuts"),
    _crop(Use.FOOD, "sunflower", "向日葵", "葵花 油葵 xiangrikui sunflowers"),
    _crop(Use.FOOD, "sesame", "芝麻", "zhima"),
    _crop(Use.FOOD, "cotton", "棉花", "棉 mianhua"),
    _crop(Use.FOOD, "sugar_cane", "甘蔗", "ganzhe sugarcane"),
    _crop(Use.FOOD, "sugar_beet", "甜菜", "tiancai sugar_beets"),
    _crop(
        Use.FOOD,
        "vegetables",
        "蔬菜",
        "菜 shucai vegetable",
        "白菜 大白菜 萝卜 辣椒 番茄 西红柿 黄瓜 茄子 大蒜 蒜 洋葱 大葱 葱 生姜 姜 芹菜 菠菜 冬瓜 "
        "南瓜 芋头 莲藕 藕 莴笋 豆角 卷心菜 甘蓝",
    ),
    _crop(Use.FOOD, "melons", "瓜类", "瓜 melon", "西瓜 甜瓜 香瓜"),
    _crop(Use.FOOD, "strawberry", "草莓", "caomei strawberries"),
    _crop(Use.FOOD, "tobacco", "烟叶", "烤烟 烟草 yancao"),
    _crop(Use.FOOD, "medicinal_herbs", "中药材", "药材 yaocai", "黄芪 当归 板蓝根 党参 金银花"),
    _crop(Use.FOOD, "alfalfa", "苜蓿", "紫花苜蓿 muxu lucerne"),
    _crop(
        Use.FOOD,
        "fodder",
        "饲草",
        "青贮玉米 青贮 牧草 饲料 silage forage",
        "黑麦草 燕麦草 墨西哥草",
    ),
    _crop(Use.FOOD, "green_manure", "绿肥", "紫云英 苕子 lvfei cover_crop"),
    _crop(Use.ORCHARD, "tea", "茶", "茶叶 茶树 茶园 cha"),
    _crop(
        Use.ORCHARD,
        "fruit_trees",
        "果树",
        "果园 水果 guoshu orchard fruit",
        "苹果 梨 桃 桃树 葡萄 柑橘 柑桔 橘子 橙子 柚子 脐橙 猕猴桃 枣 枣树 樱桃 李子 杏 石榴 柿子 "
        "香蕉 荔枝 龙眼 芒果 火龙果 核桃 板栗 蓝莓 apples vineyard",
    ),
    _crop(Use.ORCHARD, "mulberry", "桑树", "桑 桑园 sangshu"),
    _crop(Use.ORCHARD, "oil_tea", "油茶", "youcha camellia"),
    _crop(
        Use.TREES,
        "nursery",
        "苗木",
        "花木 绿化苗木 苗圃 树苗 miaomu saplings nursery_stock",
        "花卉 鲜花 flowers",
    ),
    _crop(Use.TREES, "turf", "草皮", "草坪 caopi sod"),
    _crop(
        Use.TREES,
        "timber",
        "林木",
        "树 树木 造林 树林 linmu forest trees",
        "杨树 桉树 松树 杉树 竹子 毛竹 poplar eucalyptus",
    ),
    _crop(Use.POND, "fish_pond", "鱼塘", "养鱼 水产 池塘 坑塘 yutang pond fish", "虾塘 蟹塘 螃蟹"),
)


def find_crop(word: str) -> Crop | None:
    """The crop that one word means, whatever its spelling; None for a word nobody knows."""
    key = _key(word)
    return _BY_NAME.get(key) or _BY_NAME.get(_ADORNMENTS.sub("", key))


def split_crops(text: str) -> list[str]:
    """The crops of a cell: two crops a year are written as one, ``小麦+玉米`` or ``小麦和玉米``."""
    return [crop for word in _SEPARATORS.split(text.strip()) if word for crop in _part(word)]


def normalise_crops(text: str) -> tuple[str, list[str]]:
    """One spelling for what was typed.

    Args:
        text: One crop or several, as typed.

    Returns:
        The text with each known crop in its usual spelling (in the script it was typed in, kinds
        such as ``早稻`` keep their name), and the words that nobody knows, which stay as typed.
    """
    words = split_crops(text)
    spelt = list(dict.fromkeys(_spell(word) for word in words))
    joined = ("、" if _CJK.search(text) else ", ").join(spelt)
    # Spelt out it may grow too long for the record; then what was typed is better than half of it.
    return joined if len(joined) <= MAX_TEXT else text, [w for w in words if find_crop(w) is None]


def crop_keys(text: str) -> set[str]:
    """What the crops of a cell are compared by: the code of each known one, else its word."""
    return {crop.code if (crop := find_crop(word)) else _key(word) for word in split_crops(text)}


def crop_uses(text: str) -> set[Use]:
    """The uses of the land by the crops of a cell; words nobody knows say nothing."""
    return {crop.use for word in split_crops(text) if (crop := find_crop(word))}


def usual_crops() -> list[tuple[str, str]]:
    """Chinese and English names of the crops people choose from, grain first."""
    return [(crop.chinese, crop.english) for crop in CROPS if crop.use in (Use.GRAIN, Use.FOOD)]


def _part(word: str) -> list[str]:
    """A word at its conjunctions, if that makes known crops of an unknown one."""
    parts = _CONJUNCTIONS.split(word)
    return parts if find_crop(word) is None and all(map(find_crop, parts)) else [word]


def _spell(word: str) -> str:
    crop = find_crop(word)
    if crop is None or _key(word) in _SORTS:
        return word
    if _CJK.search(word):
        return crop.chinese
    # Pinyin is Chinese typed without its characters; other Latin words are English.
    return crop.english if _key(word) not in _PINYIN else crop.chinese


def _key(word: str) -> str:
    return re.sub(r"[\s_\-·]+", "", word).casefold()


_SORTS = frozenset(_key(sort) for crop in CROPS for sort in crop.sorts)
_PINYIN_WORDS = """
    shuidao daogu xiaomai yumi dadou malingshu tudou ganshu hongshu guzi gaoliang damai yanmai
    heimai qiaomai lvdou lüdou youcai huasheng xiangrikui zhima mianhua ganzhe tiancai shucai
    caomei yancao yaocai muxu lvfei cha guoshu sangshu youcha miaomu caopi linmu yutang
"""
_PINYIN = frozenset(_PINYIN_WORDS.split())
_BY_NAME = {
    _key(name): crop
    for crop in CROPS
    for name in (crop.chinese, crop.english, crop.code, *crop.names, *crop.sorts)
}
