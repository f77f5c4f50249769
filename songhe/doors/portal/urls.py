"""The family's way in: one address for each link."""

from django.urls import path

from songhe.doors.portal import views

urlpatterns = [
    path("<str:token>/", views.family, name="family"),
    path("<str:token>/leave/", views.leave, name="family-leave"),
]
