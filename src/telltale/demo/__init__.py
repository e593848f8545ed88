"""The trip crew and the scripted LLM, which make the first minute work offline.

A newcomer has no key and perhaps no network; a test must have neither. So the demo brings a
real program, a crew as a user would write it, and a real server for it to talk to, whose own
log of calls is the truth that traces are compared with.
"""
