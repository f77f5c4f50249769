from django.apps import AppConfig


class EvidenceConfig(AppConfig):
    name = "songhe.care.evidence"
    label = "evidence"
    verbose_name = "服务凭据"
