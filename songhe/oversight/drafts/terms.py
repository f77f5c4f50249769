"""Nouns of notices and the kinds of facility they mean, so that a confirmed target is counted from the register."""

FACILITY_NOUNS = {
    "居家社区养老服务中心": "street_centre",
    "养老服务中心": "street_centre",
    "日间照料服务站": "day_care_station",
    "日间照料站": "day_care_station",
    "日间照料点": "day_care_station",
    "日间照料中心": "day_care_station",
    "互助幸福院": "mutual_aid_home",
    "幸福院": "mutual_aid_home",
    "互助养老院": "mutual_aid_home",
    "区域性养老服务中心": "regional_centre",
    "养老机构": "institution",
    "敬老院": "seniors_home",
    "老年食堂": "canteen",
    "老年餐厅": "canteen",
    "助餐点": "meal_point",
    "中央厨房": "central_kitchen",
}
