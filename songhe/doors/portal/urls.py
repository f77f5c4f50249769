"""The family's way in: one address for each link."""

from django.urls import path

from songhe.doors.portal import asking, views

urlpatterns = [
    path("<str:token>/", views.family, name="family"),
    path("<str:token>/leave/", views.leave, name="family-leave"),
    path("<str:token>/ask/", asking.ask, name="family-ask"),
    path("<str:token>/orders/<int:pk>/", asking.order, name="family-order"),
    path("<str:token>/complain/", asking.complain, name="family-complain"),
]
