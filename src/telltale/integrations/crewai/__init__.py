"""crewAI, seen through its event bus.

The bus reports nearly everything and is observed synchronously, in the thread that emits. What
it says about the tree is not used: its own ids go wrong after a provider's error, a retry or a
cancellation. The tree is built from the scopes that are open in the emitting context.

The way of an event: `observe` gets it from the bus, `events` knows what it opens or closes,
`scopes` finds where it belongs, and the reader of its noun says what it tells.
"""
