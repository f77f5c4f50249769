"""Addresses of 凭据核定, 抽样回访, 投诉与事故, 合同与结算."""

from django.urls import path

from songhe.doors.desk.views import checks, complaints, settlement

urlpatterns = [
    path("services/checks/", checks.index, name="checks"),
    path("services/checks/<int:pk>/", checks.one, name="check"),
    path("services/checks/photos/<int:pk>/", checks.photo, name="check-photo"),
    path("services/callbacks/", checks.callbacks, name="callbacks"),
    path("services/callbacks/<int:pk>/", checks.callback, name="callback"),
    path("services/complaints/", complaints.index, name="complaints"),
    path("services/complaints/new/", complaints.new, name="complaint-new"),
    path("services/complaints/<int:pk>/", complaints.one, name="complaint"),
    path("services/incidents/new/", complaints.incident, name="incident-new"),
    path("services/contracts/", settlement.contracts, name="contracts"),
    path("services/contracts/new/", settlement.contract_new, name="contract-new"),
    path("services/contracts/<int:pk>/", settlement.contract, name="contract"),
    path("services/lots/<int:pk>/", settlement.lot, name="contract-lot"),
    path("services/months/<int:pk>/", settlement.settlement, name="settlement"),
    path("services/months/<int:pk>/<slug:kind>/", settlement.file, name="settlement-file"),
]
