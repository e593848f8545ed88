"""The web tool of the trip crew: what a page says about a question.

Of crewAI's own parts alone, so that whoever has installed crewAI can run the crew: crewai-tools,
which has such a tool, is a package of its own.
"""

import re
from html import unescape
from urllib.request import urlopen

from crewai.rag.config.utils import get_rag_client
from crewai.rag.types import BaseRecord
from crewai.tools import BaseTool
from pydantic import BaseModel, Field

COLLECTION = "websites"
_PARAGRAPH = re.compile(r"<p\b[^>]*>(.*?)</p>", re.DOTALL)
_TAG = re.compile(r"<[^>]+>")


class Question(BaseModel):
    """What the model passes; the descriptions are what it reads."""

    search_query: str = Field(description="What you want to know from the website")
    website: str = Field(description="Address of the page to search, with http:// or https://")


class SiteSearch(BaseTool):
    """Reads a page into crewAI's vector store, and answers what stands there about the question."""

    name: str = "Search in a specific website"
    description: str = "Finds what the page at an address says about a question."
    args_schema: type[BaseModel] = Question

    def _run(self, search_query: str, website: str) -> str:
        client = get_rag_client()
        client.get_or_create_collection(collection_name=COLLECTION)
        said: list[BaseRecord] = [{"content": text} for text in _paragraphs(website)]
        client.add_documents(collection_name=COLLECTION, documents=said)
        found = client.search(collection_name=COLLECTION, query=search_query, limit=3)
        return "\n\n".join(one["content"] for one in found) or "The page says nothing about it."


def _paragraphs(website: str) -> list[str]:
    if not website.startswith(("http://", "https://")):
        raise ValueError(f"website {website!r}: expected http:// or https://")
    with urlopen(website, timeout=20) as page:
        text = page.read().decode("utf-8")
    return [unescape(_TAG.sub("", paragraph)).strip() for paragraph in _PARAGRAPH.findall(text)]
