"""How allauth behaves here: no self sign-up; staff accounts are made by administrators; every sign-in is kept."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.core.exceptions import ValidationError

from songhe.core import audit
from songhe.registry.accounts.models import LoginEvent


def _note(request, username: str, succeeded: bool) -> None:
    LoginEvent.objects.create(
        username=username[:150],
        succeeded=succeeded,
        address=request.META.get("REMOTE_ADDR") or None,
        agent=request.META.get("HTTP_USER_AGENT", "")[:200],
    )


class StaffAdapter(DefaultAccountAdapter):
    """Closed sign-up; sign-ins recorded, failed ones too; a first password counts as changed only by another one."""

    def is_open_for_signup(self, request):
        return False

    def post_login(self, request, user, **kwargs):
        _note(request, user.username, True)
        return super().post_login(request, user, **kwargs)

    def authentication_failed(self, request, **credentials):
        _note(request, str(credentials.get("username", "")), False)
        return super().authentication_failed(request, **credentials)

    def clean_password(self, password, user=None):
        if user is not None and user.pk and user.must_change_password and user.check_password(password):
            raise ValidationError("新密码须与初始密码不同。The new password must differ from the first one.")
        return super().clean_password(password, user)

    def set_password(self, user, password):
        user.must_change_password = False
        super().set_password(user, password)
        audit.note("accounts.change_password", "user", user.pk)


class ProvincialLoginAdapter(DefaultSocialAccountAdapter):
    """Single sign-on attaches to accounts that exist already; a stranger's province login opens nothing."""

    def is_open_for_signup(self, request, sociallogin):
        return False
