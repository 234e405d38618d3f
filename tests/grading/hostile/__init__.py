"""Hostile submissions to the homework of homework.md, by what they are after."""
