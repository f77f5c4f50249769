"""服务订单: the addresses of its pages."""

from django.urls import path

from songhe.doors.desk.views import day_plan, orders, service_calls, workers

urlpatterns = [
    path("services/", orders.board, name="services"),
    path("services/call/", service_calls.call, name="service-call"),
    path("services/orders/", orders.index, name="orders"),
    path("services/orders/<int:pk>/", orders.one, name="order"),
    path("services/catalogue/", orders.catalogue, name="service-catalogue"),
    path("services/workers/", workers.index, name="workers"),
    path("services/workers/new/", workers.new, name="worker-new"),
    path("services/workers/<int:pk>/", workers.one, name="worker"),
    path("services/providers/", workers.providers, name="providers"),
    path("services/providers/new/", workers.provider_new, name="provider-new"),
    path("services/plan/", day_plan.page, name="day-plan"),
]
