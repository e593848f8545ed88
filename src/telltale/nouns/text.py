"""Texts from elsewhere, made such that any encoder and any database takes them."""


def sound(text: str) -> str:
    """The text with surrogate pairs joined, and half of one replaced by U+FFFD.

    Neither UTF-8 nor a database holds half a pair; programs cut texts in the middle of an emoji.
    """
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
