"""The words of the facility register that a programme's definition may use."""

KINDS = (
    "street_centre", "day_care_station", "mutual_aid_home", "regional_centre", "institution", "seniors_home",
    "rural_care_house", "central_kitchen", "canteen", "meal_point", "partner_restaurant", "meal_delivery", "service_point",
    "partner_shop", "housekeeping_firm", "volunteer_base",
)  # fmt: skip
BEDS = ("day", "community", "residential", "nursing", "home")
STATUSES = ("planned", "site_chosen", "started", "done", "accepted", "in_use", "closed")
