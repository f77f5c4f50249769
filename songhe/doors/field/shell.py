"""The parts of the page that a telephone keeps, and the version that changes with any of them."""

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.urls import reverse
from django.utils.translation import override

from songhe.doors.field.words import WORDS

HERE = Path(__file__).parent
VENDORED = "vendor/idb.min.js"


def own_files() -> list[str]:
    """Static names of everything the page loads, without those of the frame itself."""
    return [f"field/{file.name}" for file in sorted((HERE / "static/field").iterdir())] + [VENDORED]


@cache
def files() -> list[str]:
    """Addresses the service worker keeps. Plain names, not hashed ones: modules import each other by them."""
    return [reverse("field"), reverse("field-scale"), *(settings.STATIC_URL + name for name in own_files())]


@cache
def words() -> dict[str, dict[str, str]]:
    """Every sentence of the page in both languages: {"zh": {key: text}, "en": …}."""
    out = {}
    for code, language in (("zh", "zh-hans"), ("en", "en")):
        with override(language):
            out[code] = {key: str(text) for key, text in WORDS.items()}
    return out


@cache
def version() -> str:
    """Twelve hex characters over files, words and frame."""
    seen = hashlib.sha256(json.dumps(words(), sort_keys=True).encode())
    for name in own_files():
        path = finders.find(name)
        seen.update(Path(path).read_bytes() if path else b"")
    for file in sorted((HERE / "templates/field").iterdir()):
        seen.update(file.read_bytes())
    return seen.hexdigest()[:12]
