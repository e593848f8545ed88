"""How large the windows are that the page is looked at through."""

WIDE = (1440, 900)
NARROW = (390, 844)
