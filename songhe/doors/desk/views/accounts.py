"""Accounts and posts, for the system administrator: no older person's file is reachable from here."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from songhe.core.refusal import Refusal
from songhe.registry.accounts import actions, rules
from songhe.registry.accounts.access import door
from songhe.registry.accounts.models import Post
from songhe.registry.accounts.queries import accounts_of
from songhe.registry.places.queries import by_code

PAGE = 50


class UserForm(forms.Form):
    username = forms.CharField(
        label=gettext_lazy("账号"), max_length=60, help_text=gettext_lazy("登录用，字母、数字或手机号")
    )
    name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    password = forms.CharField(
        label=gettext_lazy("初始密码"), widget=forms.PasswordInput, help_text=gettext_lazy("至少 10 位；首次登录须修改")
    )


class PostForm(forms.Form):
    role = forms.ChoiceField(label=gettext_lazy("角色"), choices=rules.ROLES)
    place = forms.CharField(label=gettext_lazy("区划代码"), help_text=gettext_lazy("6 位县级、9 位乡镇、12 位村"))
    valid_from = forms.DateField(label=gettext_lazy("开始日期"), widget=forms.DateInput(attrs={"type": "date"}))
    valid_to = forms.DateField(
        label=gettext_lazy("结束日期"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


@door("accounts.manage")
def index(request):
    q = request.GET.get("q", "").strip()
    after = request.GET.get("after", "")
    page = list(accounts_of(request.post, q).filter(username__gt=after)[: PAGE + 1])
    context = {
        "rows": page[:PAGE],
        "q": q,
        "next_url": f"{request.path}?q={q}&after={page[PAGE - 1].username}" if len(page) > PAGE else "",
    }
    return render(request, "desk/accounts.html", context)


@door("accounts.manage")
def create(request):
    form = UserForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = actions.create_user(by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field or None, str(refusal))
        else:
            messages.success(request, _("已建立账号，请给一个岗位。"))
            return redirect("account", pk=user.pk)
    return render(request, "desk/account_new.html", {"form": form}, status=422 if form.errors else 200)


@door("accounts.manage")
def one(request, pk):
    """One account: its posts; give another, end one, lock."""
    user = get_object_or_404(accounts_of(request.post), pk=pk)
    form = PostForm(request.POST or None, initial={"valid_from": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data | {"place": None}
        try:
            data["place"] = by_code(form.cleaned_data["place"], post=request.post)
            actions.give_post(user=user, by=request.user, **data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已给岗位。"))
            return redirect("account", pk=user.pk)
    context = {"account": user, "form": form, "posts": user.posts.select_related("place").order_by("-valid_from")}
    return render(request, "desk/account.html", context, status=422 if form.errors else 200)


@door("accounts.manage")
def end_post(request, pk):
    """End a post from today, or from tomorrow when it began today."""
    post = get_object_or_404(Post.objects.visible_to(request.post), pk=pk)
    if request.method == "POST":
        on = max(timezone.localdate(), post.valid_from + timedelta(days=1))
        actions.end_post(post=post, on=on, by=request.user)
        messages.success(request, _("岗位已结束。"))
    return redirect(reverse("account", args=[post.user_id]))


@door("accounts.manage")
def lock(request, pk):
    user = get_object_or_404(accounts_of(request.post), pk=pk)
    if request.method == "POST" and user.pk != request.user.pk:
        actions.set_active(user=user, active="locked" if user.is_active else "active", by=request.user)
        messages.success(request, _("已停用。") if not user.is_active else _("已恢复。"))
    return redirect("account", pk=user.pk)
