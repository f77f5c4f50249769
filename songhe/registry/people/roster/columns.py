"""The columns of a roster: what each is called in the files that go around, and how the template explains it.

    SYNONYMS["id_number"]  -> ("身份证号码", "身份证号", …)
    template_columns()     -> workbook columns for `songhe people template`

Knows no framework. Headers are compared without spaces, stars and bracketed remarks (core.tabular.normal).
"""

from __future__ import annotations

from dataclasses import dataclass

from songhe.core.workbook import Column, Kind


@dataclass(frozen=True, slots=True)
class RosterColumn:
    """`titles`: the template's own first, then synonyms seen in rosters."""

    field: str
    titles: tuple[str, ...]
    hint: str
    example: str = ""
    choices: tuple[str, ...] = ()
    required: bool = False
    kind: Kind = "text"
    width: int = 14
    in_template: bool = True


LIVING = {
    "alone": ("独居", "独自居住", "一人居住", "单独居住"),
    "spouse": ("与配偶同住", "与配偶居住", "与老伴同住", "夫妻同住", "与配偶/伴侣居住"),
    "children": ("与子女同住", "与子女居住", "随子女居住"),
    "parents": ("与父母同住", "与父母居住"),
    "siblings": ("与兄弟姐妹同住", "与兄弟姐妹居住"),
    "relatives": ("与其他亲属同住", "与其他亲属居住", "与亲属同住"),
    "others": ("与非亲属同住", "与非亲属关系的人居住", "与保姆同住", "与他人同住"),
    "institution": ("养老机构", "入住机构", "机构", "敬老院", "养老院"),
}
CIRCUMSTANCES = {
    "living_alone": ("独居", "独居老人"),
    "empty_nest": ("空巢", "空巢老人"),
    "left_behind": ("留守", "留守老人"),
    "destitute": ("特困", "特困供养", "分散供养特困", "特困人员", "五保", "五保户"),
    "subsistence_allowance": ("低保", "低保户", "最低生活保障"),
    "near_threshold": ("低保边缘", "低保边缘户", "低边"),
    "care_dependent": ("失能", "失能老人", "完全失能"),
    "severe_disability": ("重残", "重度残疾", "重残老人"),
    "only_child_loss": (
        "失独",
        "计生特殊家庭",
        "计划生育特殊家庭",
        "计划生育特殊家庭（失独）",
        "失独家庭",
        "计划生育特殊家庭(失独)",
    ),
    "dementia": ("失智", "认知障碍", "老年痴呆"),
    "in_difficulty": ("其他生活困难", "其他困难", "困难", "生活困难"),
}
LEVELS = {
    0: ("能力完好", "0级", "0", "完好", "自理"),
    1: ("轻度失能", "1级", "1", "轻度"),
    2: ("中度失能", "2级", "2", "中度"),
    3: ("重度失能", "3级", "3", "重度"),
    4: ("完全失能", "4级", "4", "完全"),
}
RELATIONS = {
    "spouse": ("配偶", "夫妻", "丈夫", "妻子", "老伴"),
    "son": ("儿子", "长子", "次子", "三子", "子"),
    "daughter": ("女儿", "长女", "次女", "三女", "女", "闺女"),
    "child_in_law": ("儿媳", "女婿", "儿媳、女婿"),
    "grandchild": ("孙辈", "孙子", "孙女", "外孙", "外孙女"),
    "sibling": ("兄弟姐妹", "兄弟", "姐妹", "哥哥", "弟弟", "姐姐", "妹妹"),
    "relative": ("其他亲属", "亲属", "侄子", "侄女", "外甥", "外甥女"),
    "neighbour": ("邻居",),
    "friend": ("朋友",),
    "guardian": ("监护人",),
    "other": ("其他", "本人", "村干部", "网格员"),
}
MARITAL = ("未婚", "已婚", "丧偶", "离婚", "再婚", "不详")
YES = frozenset(["是", "有", "√", "✓", "✔", "1", "y", "yes", "true", "对", "v"])
NO = frozenset(["否", "无", "×", "✗", "0", "n", "no", "false", "不是", "没有", "-", "/", "—"])

COLUMNS = (
    RosterColumn("name", ("姓名", "老人姓名", "老年人姓名", "人员姓名", "名字"), "与身份证一致，不写备注。", "王秀英", required=True, width=12),
    RosterColumn(
        "id_number",
        ("身份证号码", "身份证号", "公民身份号码", "公民身份证号", "公民身份证号码", "证件号码", "证件号", "身份证", "居民身份证号", "老人身份证号"),
        "18位，文本格式；15位旧号会自动升位。", "990682194001011233", required=True, width=22,
    ),
    RosterColumn("sex", ("性别",), "可不填，由身份证号码得出。", "女", ("男", "女"), width=8),
    RosterColumn("birth", ("出生日期", "出生年月日", "出生年月", "生日", "出生时间"), "可不填，由身份证号码得出；写 1940-01-01。", "1940-01-01"),
    RosterColumn(
        "phone", ("联系电话", "电话", "手机", "手机号", "手机号码", "本人电话", "联系方式", "电话号码", "老人电话"), "手机或带区号的固定电话。", "13800001234", width=16
    ),
    RosterColumn(
        "village_code", ("村（社区）代码", "村代码", "社区代码", "区划代码", "行政区划代码", "村级代码", "村社区代码"), "12位；与村（社区）名称填一样即可。", "130682001200", width=16
    ),
    RosterColumn(
        "village", ("村（社区）", "村", "社区", "村社区", "村/社区", "村名", "所在村", "居住村", "村（居）", "村居", "村委会", "居委会", "所属社区", "村(社区)名称", "行政村"),
        "居住地所在的村或社区。", "东关村", required=True, width=18,
    ),
    RosterColumn("town", ("乡镇（街道）", "乡镇", "街道", "乡镇街道", "乡镇/街道", "镇", "所属乡镇", "所在乡镇", "乡（镇）"), "几个乡镇有同名的村时必填。", "北城街道", width=16),
    RosterColumn(
        "address", ("居住地址", "住址", "地址", "家庭住址", "家庭地址", "详细地址", "现住址", "现居住地", "居住地", "常住地址"), "门牌或村内位置。", "三组12号", width=30
    ),
    RosterColumn("hukou", ("户籍地", "户籍地址", "户口所在地", "户籍所在地", "户籍"), "人户分离时填写。", width=24),
    RosterColumn("former_name", ("曾用名", "别名"), "", in_template=False),
    RosterColumn("living", ("居住方式", "居住状况", "居住情况", "居住类型"), "", "独居", tuple(v[0] for v in LIVING.values())),
    RosterColumn(
        "circumstances", ("困难情形", "困难类型", "人员类别", "老人类别", "特殊情况", "人员类型", "类别", "困难类别", "老年人类别"),
        "可写几种，用顿号分开。", "独居、低保", tuple(v[0] for v in CIRCUMSTANCES.values()), width=20,
    ),
    RosterColumn("circumstance_from", ("情形起始日期", "困难情形起始日期", "认定日期"), "不填按导入当天。", "2026-01-01"),
    RosterColumn("marital", ("婚姻状况", "婚姻", "婚姻情况"), "", "丧偶", MARITAL, width=10),
    RosterColumn("ethnicity", ("民族",), "", "汉族", width=10),
    RosterColumn(
        "ability_level", ("能力等级", "失能等级", "评估等级", "老年人能力等级", "能力评估等级"), "GB/T 42195-2022 的五级；其他量表的结果不要填在这里。", "轻度失能",
        tuple(v[0] for v in LEVELS.values()),
    ),
    RosterColumn("ability_on", ("评估日期", "能力评估日期", "评估时间"), "填了能力等级时填写。", "2026-03-01"),
    RosterColumn("case_file_on", ("建档日期", "建档时间", "建档立卡日期"), "", "2026-01-01"),
    RosterColumn("verified_on", ("核实日期", "最近核实日期", "最近核实时间", "核查日期"), "不填按导入当天。", "2026-01-01"),
    RosterColumn("source", ("来源", "数据来源", "信息来源"), "", "入户登记", in_template=False),
    RosterColumn("contact_name", ("紧急联系人", "紧急联系人姓名", "联系人", "联系人姓名", "家属姓名", "监护人", "监护人姓名"), "", "张强", width=12),
    RosterColumn("contact_relation", ("与本人关系", "联系人关系", "与老人关系", "与老年人关系", "关系"), "", "儿子", tuple(v[0] for v in RELATIONS.values()), width=12),
    RosterColumn(
        "contact_phone", ("紧急联系人电话", "联系人电话", "紧急联系电话", "家属电话", "监护人电话", "紧急联系人手机", "子女电话"), "", "13900001234", width=16
    ),
)  # fmt: skip
FLAGS = {f"is_{code}": tuple({t for w in words for t in (w, f"是否{w}")}) for code, words in CIRCUMSTANCES.items()}
SYNONYMS: dict[str, tuple[str, ...]] = {c.field: c.titles for c in COLUMNS} | FLAGS
FIELDS = tuple(SYNONYMS)
TITLES = {c.field: c.titles[0] for c in COLUMNS} | {f"is_{code}": words[0] for code, words in CIRCUMSTANCES.items()}
NEEDED = ("name", "id_number")


def template_columns() -> list[Column]:
    """The template: text-typed throughout, so that no spreadsheet eats the end of an ID number."""
    return [
        Column(c.titles[0], c.kind, c.width, c.required, c.choices, c.hint, c.example) for c in COLUMNS if c.in_template
    ]
