from django.apps import AppConfig


class VolunteeringConfig(AppConfig):
    name = "songhe.care.volunteering"
    label = "volunteering"
    verbose_name = "志愿服务与爱心商家"
