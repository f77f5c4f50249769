"""A refusal that a person can act on: what was refused, why, and what to do, in Chinese and English."""


class Refusal(Exception):
    """Raised by actions when a rule says no; doors show `str(refusal)` in the reader's language.

    `code` is stable for programs; `zh` and `en` each say what, why and what to do; `field` names the input, if one.
    """

    def __init__(self, code: str, *, zh: str, en: str, field: str = ""):
        super().__init__(code)
        self.code, self.zh, self.en, self.field = code, zh, en, field

    def __str__(self) -> str:
        from django.utils.translation import get_language

        return self.en if (get_language() or "").startswith("en") else self.zh
