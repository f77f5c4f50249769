"""Questions about facilities. `counting`: how many have come how far, as of a day; `judging`: against the standards; `sites`: lists, one site."""

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
from songhe.registry.facilities.queries.judging import (
    SiteJudged,
    judged_all,
    site_judged,
    standards_for,
    table,
)
from songhe.registry.facilities.queries.sites import (
    Concern,
    Event,
    Holdings,
    by_ids,
    concerns,
    draws,
    history,
    holdings,
    inspection,
    inspections,
    listed,
    one,
    operated_by,
    operator_counts,
    orders,
    organisations,
    papers,
    photo,
    totals,
)

__all__ = [
    "Concern", "Event", "Holdings", "SiteJudged", "bed_count", "bed_counts", "bed_lots", "beds_now", "by_ids", "concerns",
    "draws", "facilities_reached", "facility_count", "facility_counts", "history", "holdings", "inspection",
    "inspections", "judged_all", "listed", "measure_total", "one", "operated_by", "operator_counts", "orders",
    "organisations", "papers", "photo", "site_judged", "standards_for", "table", "totals", "with_status",
]  # fmt: skip
