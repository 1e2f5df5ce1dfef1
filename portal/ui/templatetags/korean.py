"""Filters for words, money, dates and names; what they mean stands in ``portal/ui/korean.py``."""

from django import template

from portal.ui.korean import dday, josa, kdate, kdatetime, mask_name, mask_phone, won

register = template.Library()

for function in (josa, won, kdate, kdatetime, dday, mask_name, mask_phone):
    register.filter(function)
