"""Words of facilities: kinds, statuses, beds, rooms, services, papers. Codes never change; labels may."""

from django.utils.translation import gettext_lazy as _

KINDS = [
    ("street_centre", _("街道（乡镇）居家社区养老服务中心")),
    ("day_care_station", _("社区日间照料服务站（点）")),
    ("mutual_aid_home", _("农村互助幸福院")),
    ("regional_centre", _("农村区域性居家养老服务中心")),
    ("institution", _("养老机构")),
    ("seniors_home", _("敬老院")),
    ("rural_care_house", _("农村老年关爱之家")),
    ("central_kitchen", _("中央厨房")),
    ("canteen", _("老年食堂")),
    ("meal_point", _("助餐点（老年餐桌）")),
    ("partner_restaurant", _("惠老餐厅")),
    ("meal_delivery", _("送餐企业")),
    ("service_point", _("助老服务点")),
    ("partner_shop", _("爱心超市")),
    ("housekeeping_firm", _("惠老家政企业")),
    ("volunteer_base", _("志愿服务基地")),
]
MEAL_KINDS = ("central_kitchen", "canteen", "meal_point", "partner_restaurant", "meal_delivery")

# In the order in which a site walks through them; `closed` stands apart.
STATUSES = [
    ("planned", _("已规划")),
    ("site_chosen", _("已选址")),
    ("started", _("已开工")),
    ("done", _("已完工")),
    ("accepted", _("已验收")),
    ("in_use", _("已投用")),
    ("closed", _("已关停")),
]
VENUES = [
    ("", _("不适用")),
    ("park", _("公园")),
    ("square", _("广场")),
    ("medical", _("医疗机构")),
    ("shopping", _("商超")),
    ("transport", _("交通场站")),
]
BEDS = [
    ("day", _("日间照料床位")),
    ("community", _("社区养老床位")),
    ("residential", _("全托床位")),
    ("nursing", _("护理型床位")),
    ("home", _("家庭养老床位")),
]
BED_ORIGINS = [("new", _("新增")), ("converted", _("改造")), ("removed", _("撤减"))]
ROOMS = [
    ("kitchen", _("厨房")),
    ("dining", _("餐厅")),
    ("rest", _("日间休息室")),
    ("reading", _("阅览室")),
    ("chess", _("棋牌室")),
    ("calligraphy", _("书法室")),
    ("activity", _("多功能活动室")),
    ("bath", _("助浴间")),
    ("rehab", _("康复室")),
    ("counselling", _("心理咨询室")),
    ("medical", _("医务室")),
]
SERVICES = [
    ("day_care", _("日间照料")),
    ("leisure", _("休闲娱乐")),
    ("meal", _("助餐")),
    ("bath", _("助浴")),
    ("clean", _("助洁")),
    ("walk", _("助行")),
    ("medical", _("助医")),
    ("shopping", _("代购")),
    ("culture", _("文化娱乐")),
    ("fitness", _("休闲健身")),
    ("rehab", _("康复理疗")),
    ("comfort", _("精神慰藉")),
    ("education", _("老年大学与科普")),
    ("delivery", _("送货上门")),
    ("discount", _("价格优惠")),
    ("housekeeping", _("家居保洁")),
]
ROLES = [
    ("manager", _("负责人（站长）")),
    ("care_worker", _("护理员")),
    ("social_worker", _("社工")),
    ("counsellor", _("心理咨询师")),
    ("cook", _("厨师")),
    ("medical", _("医护人员")),
    ("other", _("其他")),
]
MEASURES = [
    ("floor_area", _("建筑面积（㎡）")),
    ("seats", _("就餐座位（个）")),
    ("meal_vehicles", _("助餐车（辆）")),
]
LICENCES = [
    ("business", _("营业执照或登记证书")),
    ("care_record", _("养老机构备案")),
    ("fire", _("消防验收或备案")),
    ("food", _("食品经营许可")),
    ("medical", _("医疗机构执业许可")),
    ("building", _("房屋安全鉴定")),
]
ORGANISATIONS = [
    ("company", _("企业")),
    ("social", _("社会服务机构（民非）")),
    ("public", _("事业单位")),
    ("village", _("村（居）民委员会")),
    ("sole", _("个体工商户")),
]
# How the operator was chosen (L20, D21).
SELECTIONS = [
    ("tender", _("招投标")),
    ("entrusted", _("委托运营")),
    ("public_built_private_run", _("公建民营")),
    ("self_run", _("自办自营")),
]
# How premises were found: the five ways of L20, then those of D23, L20 (二) and X17.
SOURCINGS = [
    ("new_estate", _("新建小区配建")),
    ("star_institution", _("与星级养老机构合作")),
    ("lease_idle", _("租赁闲置房屋")),
    ("old_estate", _("老旧小区改造")),
    ("split_office", _("切分社区办公服务用房")),
    ("village_house", _("村（居）委会闲置房屋、活动中心")),
    ("seniors_home", _("敬老院改造")),
    ("own", _("自有房屋")),
]
OWNERS = [
    ("street", _("街道（乡镇）")),
    ("village", _("村（社区）")),
    ("market", _("其他市场主体")),
    ("operator", _("运营机构自有")),
]
RENT_BASES = {
    "free": _("街道（乡镇）、村（社区）产权：免费提供运营，不发租赁补贴"),
    "subsidised": _("其他市场主体产权且租赁：由街道（乡镇）给予租赁补贴"),
    "none": _("不涉及租赁"),
}
# 四同步: what a new estate and its facility do together.
SYNC_STEPS = [
    ("planning", _("同步规划")),
    ("building", _("同步建设")),
    ("acceptance", _("同步验收")),
    ("delivery", _("同步交付")),
]
ACTIVITIES = [
    ("day_care", _("日间照料")),
    ("meal", _("助餐")),
    ("culture", _("文化娱乐")),
    ("fitness", _("休闲健身")),
    ("rehab", _("康复理疗")),
    ("bath", _("助浴")),
    ("comfort", _("精神慰藉")),
    ("volunteer", _("志愿服务活动")),
    ("festival", _("节日活动")),
    ("residence", _("入住照护")),
    ("offer", _("便民优惠服务")),
]
INSPECTIONS = [("acceptance", _("验收")), ("spot", _("抽查")), ("supervision", _("督导检查"))]
VERDICTS = [("pass", _("合格")), ("fail", _("不合格，限期整改"))]
RESULTS = [("met", _("达标")), ("not_met", _("不达标")), ("unknown", _("未查明")), ("not_applicable", _("不适用"))]
