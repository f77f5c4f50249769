"""What a programme's YAML may hold, field by field. What no field can say alone is in `checks`."""

from songhe.core.definitions import BOTH, Day, Flag, Items, Map, Number, Table, Text, Value
from songhe.oversight.programmes import terms
from songhe.registry.people.terms import CIRCUMSTANCES

NAME = Text(pattern=r"[a-z][a-z0-9_]{1,47}", shape="home_beds")
MAYBE_BOTH = Map({"zh": Text(), "en": Text()}, required=False)
CODE = Text(pattern=r"\d{6}(\d{3}(\d{3})?)?|\d{6}F\d\d", shape='"370285001"')

CARRIES: dict[str, Value] = {
    "commitments": Items(Text(pattern=r"R\d\d", shape="R16"), required=False),
    "literal": BOTH,  # what the notice says, in our words
    "note": MAYBE_BOTH,  # where the reading differs from the letter, and why
    "oddities": Items(Text(pattern=r"O\d{1,2}", shape="O5"), required=False),
}
DEADLINE = Map({"written": Text(), "date": Day(), "counted_from": Day(required=False)})
AMOUNT: dict[str, Value] = {
    "operator": Text(allowed=tuple(terms.SIGNS), required=False),
    "value": Number(least=0, required=False),
    "unit": Map({"zh": Text(), "en": Text()}, required=False),
}
BESIDE = Map(  # what a promise that is no target stands at, counted from the rows of care (care_figures.BESIDE)
    {"from": Text(allowed=("service_kinds", "meal_sources")), "kinds": Items(Text(), required=False)}, required=False
)
FIGURE = Map(
    {
        "from": Text(allowed=tuple(code for code, _ in terms.SOURCES)),
        "by": Text(allowed=("county", "township"), required=False),  # who reports, where it is not the place itself
        "new": Flag(required=False),  # only what was reached since the programme began
        "kinds": Items(Text(), required=False),
        "reached": Text(required=False),
        "beds": Items(Text(), required=False),
        "converted": Flag(required=False),
        "urban": Text(allowed=("urban", "rural"), required=False),
        "indicator": Text(required=False),
        "item": Text(required=False),
        "standard": Text(required=False),
        "clause": Text(required=False),
        "entered": Flag(required=False),  # an entered figure stands where no row is kept yet
        "count": Text(allowed=("times", "people"), required=False),
        "groups": Items(Text(), required=False),
        "circumstances": Items(Text(allowed=tuple(c.code for c in CIRCUMSTANCES)), required=False),
    }
)
GOAL = (
    CARRIES
    | AMOUNT
    | {
        "id": NAME,
        "subject": BOTH,
        "modality": Text(allowed=terms.SOFT, required=False),
        "exact": Flag(required=False),
        "tolerance": Number(least=0, most=1, required=False),
        "each": Map(
            {"level": Text(allowed=terms.EACH), "value": Number(least=0), "places": Items(CODE, required=False)},
            required=False,
        ),
        "recurs": Text(allowed=("week", "month", "quarter", "half", "year"), required=False),
        "scope": MAYBE_BOTH,
        "only": Map(
            {
                "type": Text(required=False),
                "year": Number(whole=True, required=False),
                "places": Items(CODE, required=False),
            },
            required=False,
        ),
        "shares_of": Text(required=False),
        "start": Day(required=False),
        "deadline": DEADLINE,
        "reported": Map({"value": Number(least=0), "as_of": Day()}, required=False),
        "denominator": MAYBE_BOTH,
        "lead": Items(Text(), required=False),
        "help": Items(Text(), required=False),
        "of": Text(required=False),
        "figure": FIGURE,
    }
)
SCHEMA: dict[str, Value] = {
    "id": Text(pattern=r"[a-z][a-z0-9-]{1,39}", shape="laixi-2020"),
    "code": Text(pattern=r"[A-Z]\d\d", shape="L20", required=False),
    "title": BOTH,
    "language": Text(allowed=("zh",), required=False),  # the notice's; what has no English of ours repeats it
    "place": CODE,
    "form": Text(allowed=tuple(code for code, _ in terms.FORMS)),
    "year": Number(whole=True, least=1990, most=2100),
    "from": Day(),
    "to": Day(),
    "commitments": Items(Text(pattern=r"R\d\d", shape="R51"), required=False),
    "literal": MAYBE_BOTH,
    "note": MAYBE_BOTH,
    "source": Map(
        {"title": Text(), "issuer": Text(), "number": Text(required=False), "date": Day(), "published": Day(required=False)}
    ),
    "supersedes": Items(Map({"title": Text(), "number": Text(required=False)}), least=0),
    "upstream": Items(
        Map(
            {
                "title": Text(),
                "number": Text(required=False),
                "issuer": Text(required=False),
                "date": Day(required=False),
                "note": MAYBE_BOTH,
            }
        ),
        least=0,
    ),
    "notes": Items(Map({"id": Text(pattern=r"O\d{1,2}", shape="O5"), "zh": Text(), "en": Text()}), required=False),
    "bodies": Items(
        Map(
            CARRIES
            | {
                "id": NAME,
                "name": BOTH,
                "members": Number(whole=True, least=1, required=False),
                "answers": Flag(),
                "literal": MAYBE_BOTH,
                "departments": Items(Text(), required=False),
                "groups": Items(Text(), required=False),
        "circumstances": Items(Text(allowed=tuple(c.code for c in CIRCUMSTANCES)), required=False),
            }
        )
    ),
    "scopes": Items(
        Map(CARRIES | AMOUNT | {"id": NAME, "title": BOTH, "places": Items(CODE, required=False)}), required=False
    ),
    "targets": Items(Map(GOAL), required=False),
    "milestones": Items(Map(GOAL), required=False),
    "annex": Map(
        {
            "title": BOTH,
            "types": Table(BOTH, required=False),
            "rows": Items(
                Map(
                    {
                        "place": CODE,
                        "name": Text(),
                        "year": Number(whole=True, required=False),
                        "type": Text(required=False),
                        "shares": Table(Number(whole=True, least=0)),
                        "uncertain": MAYBE_BOTH,
                    }
                )
            ),
            "sums": Items(
                Map(
                    {
                        "of": Text(),
                        "is": Number(whole=True, least=0),
                        "year": Number(whole=True, required=False),
                        "type": Text(required=False),
                        "where": Text(),
                    }
                )
            ),
        },
        required=False,
    ),
    "duties": Items(Map(CARRIES | AMOUNT | {"id": NAME, "duty": Text(), "title": BOTH}), required=False),
    "standards": Items(
        Map(
            CARRIES
            | AMOUNT
            | {
                "id": NAME,
                "title": BOTH,
                "standard": Text(required=False),
                "clause": Text(required=False),
                "tolerance": Number(least=0, most=1, required=False),
                "kinds": Items(BOTH, required=False),
                "figure": BESIDE,
                "modality": Text(allowed=terms.SOFT, required=False),
            }
        ),
        required=False,
    ),
    "grants": Items(Map(CARRIES | AMOUNT | {"id": NAME, "title": BOTH, "scheme": Text(required=False), "figure": BESIDE}), required=False),
    "consultations": Items(
        Map(CARRIES | {"id": NAME, "title": BOTH, "published": Day(), "working_days": Number(whole=True, least=1), "closes": Day()}),
        required=False,
    ),
    "papers": Items(Map(CARRIES | AMOUNT | {"id": NAME, "title": BOTH, "date": Day(required=False)}), required=False),
    "bands": Items(
        Map({"id": NAME, "title": BOTH, "least": Number(), "most": Number(),
             "rows": Items(Map({"range": Text(), "verdict": BOTH}))}),
        required=False,
    ),
    "backward": Items(
        Map(
            {
                "id": NAME,
                "title": BOTH,
                "kinds": Items(Text()),
                "end": Text(),
                "target": Text(required=False),
                "stages": Items(
                    Map({"reached": Text(), "milestone": Text(required=False), "days": Number(whole=True, least=0)})
                ),
                "confirmed": Flag(),
            }
        ),
        required=False,
    ),
}  # fmt: skip
STATES_SCHEMA: dict[str, Value] = {
    "id": Text(),
    "title": BOTH,
    "source": Map({"title": Text(), "date": Day(), "confirmed": Flag()}),
    "versions": Items(
        Map(
            {
                "valid_from": Day(),
                "soon_days": Number(whole=True, least=0),
                "rows": Items(
                    Map(
                        {
                            "state": Text(allowed=tuple(code for code, _ in terms.STATES)),
                            "light": Text(allowed=("green", "yellow", "red", "none")),
                            "when": Table(Value(), required=False),
                            "why": BOTH,
                        }
                    )
                ),
            }
        )
    ),
}
