"""Something this machine lacks or cannot do: what, why, and what to do, in Chinese and English.

A rule that says no is a `core.refusal.Refusal`; this one is raised before Django is up and needs nothing of it.
"""


class Trouble(Exception):
    """Shown as a sentence, never as a traceback. `zh` and `en` say the same thing."""

    def __init__(self, zh: str, en: str):
        super().__init__(f"{zh}\n{en}")
        self.zh = zh
        self.en = en

    def said(self, lang: str) -> str:
        """The sentence in `lang` ("zh" or "en")."""
        return self.en if lang == "en" else self.zh
