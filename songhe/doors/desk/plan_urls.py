"""排班 and 选址: addresses below /plan/."""

from django.urls import path

from songhe.doors.desk.views import plans, siting

urlpatterns = [
    path("", plans.index, name="plans"),
    path("make/", plans.make, name="plan-make"),
    path("<int:pk>/", plans.one, name="plan"),
    path("<int:pk>/try/", plans.try_out, name="plan-try"),
    path("<int:pk>/tell/", plans.tell, name="plan-tell"),
    path("<int:pk>/leave/", plans.leave, name="plan-leave"),
    path("<int:pk>/routes/", plans.routes, name="plan-routes"),
    path("<int:pk>/routes/<int:helper>/", plans.route, name="plan-route"),
    path("<int:pk>/compare/<int:other>/", plans.compare, name="plan-compare"),
    path("sites/", siting.index, name="facility-siting"),
    path("sites/export/", siting.export, name="facility-siting-export"),
]
