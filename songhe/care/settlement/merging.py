"""Two files become one: a person on the list of a lot stays on it. Lines that were paid stay as they were paid."""

from songhe.care.settlement.models import Recipient
from songhe.registry.people.hanging import rows_of

HANGING = (rows_of("recipients", Recipient),)
