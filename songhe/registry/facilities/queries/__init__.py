"""Questions about facilities. `counting`: how many have come how far, as of a day; `judging`: against the standards; `sites`: lists, one site; `upkeep`: papers, orders, inspections."""

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
    known_of,
    site_judged,
    standards_for,
    table,
)
from songhe.registry.facilities.queries.sites import (
    Event,
    Holdings,
    all_listed,
    by_ids,
    history,
    holdings,
    import_sheets,
    listed,
    one,
    operated_by,
    operator_counts,
    organisations,
    totals,
)
from songhe.registry.facilities.queries.upkeep import (
    Concern,
    concerns,
    draws,
    inspection,
    inspections,
    orders,
    orders_open,
    papers,
    papers_due,
    photo,
)

__all__ = [
    "Concern", "Event", "Holdings", "SiteJudged", "all_listed", "bed_count", "bed_counts", "bed_lots", "beds_now", "by_ids", "concerns",
    "draws", "facilities_reached", "facility_count", "facility_counts", "history", "holdings", "import_sheets",
    "inspection", "inspections", "judged_all", "known_of", "listed", "measure_total", "one", "operated_by", "operator_counts", "orders",
    "orders_open",     "organisations", "papers", "papers_due", "photo", "site_judged", "standards_for", "table", "totals", "with_status",
]  # fmt: skip
