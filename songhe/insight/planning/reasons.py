"""Why something is refused or left undone: a code for programs, a sentence in Chinese and in English for people."""

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Reason:
    """One reason. ``code`` is stable; ``subject`` names what it is about (an id, a file, a line); texts say what to do."""

    code: str
    subject: str
    zh: str
    en: str

    def as_dict(self) -> dict:
        return asdict(self)


class ImpossibleInputError(ValueError):
    """Raised before any solver starts; carries every reason found, not only the first."""

    def __init__(self, reasons):
        self.reasons = list(reasons)
        super().__init__("; ".join(f"{r.subject}: {r.en}" for r in self.reasons))
