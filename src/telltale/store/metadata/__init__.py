"""What has names and is edited: experiments now; runs, prompts, datasets and users later.

Apart from the traces, because it is small, wants a relational database that several servers
can share, and outlives any trace.
"""

from telltale.store.metadata.metadata import Metadata, open_metadata, upgrade_metadata

__all__ = ["Metadata", "open_metadata", "upgrade_metadata"]
