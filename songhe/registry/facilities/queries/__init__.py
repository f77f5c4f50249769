"""Questions about facilities. `counting`: how many have come how far, as of a day; `site`: one site; `papers`, `judging`."""

from songhe.registry.facilities.queries.counting import (
    bed_count,
    bed_counts,
    bed_lots,
    beds_now,
    facilities_reached,
    facility_count,
    facility_counts,
    measure_total,
    with_status,
)

__all__ = [
    "bed_count", "bed_counts", "bed_lots", "beds_now", "facilities_reached", "facility_count", "facility_counts",
    "measure_total", "with_status",
]  # fmt: skip
