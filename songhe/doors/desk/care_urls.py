"""家庭养老床位、助餐、商家、志愿: the addresses of their pages."""

from django.urls import path

from songhe.doors.desk.views import beds, meal_rounds, meals, merchants, volunteers

urlpatterns = [
    path("beds/", beds.index, name="beds"),
    path("beds/new/", beds.new, name="bed-new"),
    path("beds/devices/", beds.devices, name="bed-devices"),
    path("beds/devices/<int:pk>/down/", beds.down, name="bed-device-down"),
    path("beds/<uuid:uid>/", beds.one, name="bed"),
    path("beds/<uuid:uid>/<slug:what>/", beds.act, name="bed-act"),
    path("meals/", meals.index, name="meals"),
    path("meals/rounds/", meal_rounds.rounds, name="meal-rounds"),
    path("meals/<uuid:uid>/", meals.one, name="meal-point"),
    path("meals/<uuid:uid>/till/", meals.till, name="meal-till"),
    path("meals/<uuid:uid>/round/", meals.round_list, name="meal-round"),
    path("meals/<uuid:uid>/add/<slug:what>/", meals.add, name="meal-add"),
    path("meals/<uuid:uid>/end/<slug:what>/<int:pk>/", meals.end, name="meal-end"),
    path("merchants/", merchants.index, name="merchants"),
    path("merchants/<uuid:uid>/", merchants.one, name="merchant"),
    path("merchants/<uuid:uid>/add/<slug:what>/", merchants.add, name="merchant-add"),
    path("volunteers/", volunteers.index, name="volunteers"),
    path("volunteers/new/", volunteers.new, name="volunteer-group-new"),
    path("volunteers/<int:pk>/", volunteers.one, name="volunteer-group"),
    path("volunteers/<int:pk>/activity/", volunteers.activity, name="volunteer-activity"),
    path("volunteers/activities/", volunteers.activities, name="volunteer-activities"),
    path("volunteers/activities/<int:pk>/void/", volunteers.void, name="volunteer-void"),
]
