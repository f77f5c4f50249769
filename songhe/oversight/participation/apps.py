from django.apps import AppConfig


class ParticipationConfig(AppConfig):
    name = "songhe.oversight.participation"
    label = "participation"
    verbose_name = "会议与数据协作"
