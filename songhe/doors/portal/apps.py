from django.apps import AppConfig


class PortalConfig(AppConfig):
    name = "songhe.doors.portal"
    label = "portal"
