"""The telephone page: an empty frame that works offline, and three questions it asks when there is a network."""

from django.urls import path

from songhe.doors.field import views

urlpatterns = [
    path("", views.page, name="field"),
    path("sw.js", views.worker, name="field-worker"),
    path("app.webmanifest", views.manifest, name="field-manifest"),
    path("scale.json", views.scale, name="field-scale"),
    path("token/", views.token, name="field-token"),
    path("list/", views.todays_list, name="field-list"),
    path("sync/", views.sync, name="field-sync"),
]
