"""What the trip crew says and reads, and what the scripted LLM answers it, in two languages."""

from telltale.demo.texts.chinese import CHINESE
from telltale.demo.texts.english import ENGLISH
from telltale.demo.texts.shape import AgentText, Memory, Page, Scene, TaskText, TripText

TEXTS = {"en": ENGLISH, "zh": CHINESE}

__all__ = ["TEXTS", "AgentText", "Memory", "Page", "Scene", "TaskText", "TripText"]
