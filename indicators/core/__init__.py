"""Periods, stated values and the arithmetic over them: no Django, no clock, no database."""
