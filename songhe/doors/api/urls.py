"""The API's addresses."""

from django.urls import path

from songhe.doors.api.api import api

urlpatterns = [path("", api.urls)]
