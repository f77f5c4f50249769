"""What a person agreed to, and what the family may see of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from songhe.registry.people.models.facts import Contact
from songhe.registry.people.models.person import Person
from songhe.registry.people.terms import FAMILY_SCOPES


class Consent(models.Model):
    """What a person (or guardian) agreed to, when, on which paper, and until when (PIPL art. 28–29).

    `scope`: what a family member may see (terms.FAMILY_SCOPES), or "" for any other matter.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="consents")
    purpose = models.CharField(_("事项"), max_length=40)
    scope = models.CharField(_("家属可看"), max_length=16, choices=FAMILY_SCOPES, blank=True, default="")
    given_by = models.CharField(_("同意人"), max_length=40)
    given_on = models.DateField(_("同意日期"))
    withdrawn_on = models.DateField(_("撤回日期"), null=True)
    paper = models.CharField(_("凭据"), max_length=120, blank=True)


class FamilyLink(models.Model):
    """A family member's way to the page of one person: an address nobody can guess, kept as its digest, and a code by SMS.

    It ends when it is revoked, when its day comes, or when the person takes back the consent "family_page".
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="family_links")
    contact = models.ForeignKey(Contact, models.CASCADE, related_name="family_links", verbose_name=_("家属"))
    digest = models.BinaryField(_("摘要"), unique=True, help_text="SHA-256")
    made_by = models.IntegerField(_("经办账号"))
    made_at = models.DateTimeField(_("建立时间"), auto_now_add=True)
    ends_on = models.DateField(_("到期日"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True)
    revoked_by = models.IntegerField(null=True)
    opened_at = models.DateTimeField(_("最近打开"), null=True)

    class Meta:
        verbose_name = _("家属链接")
        ordering = ["-pk"]


class FamilyCode(models.Model):
    """A code sent to a family member: its digest, until when, how many wrong entries."""

    link = models.ForeignKey(FamilyLink, models.CASCADE, related_name="codes")
    digest = models.BinaryField()
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("家属验证码")


class CodeChange(models.Model):
    """The person's own code was changed: from `at` on another one holds (service_code.py). The codes themselves are kept nowhere."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="code_changes")
    at = models.DateTimeField(_("时间"))
    reason = models.CharField(_("原因"), max_length=60)
    by = models.IntegerField(_("经办账号"), default=0)

    class Meta:
        verbose_name = _("服务码更换")
        ordering = ["-pk"]
