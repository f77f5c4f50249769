from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DraftsConfig(AppConfig):
    name = "songhe.oversight.drafts"
    label = "drafts"
    verbose_name = _("通知草稿")
