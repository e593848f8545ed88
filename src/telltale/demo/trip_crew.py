"""A crew that plans a trip: two agents, two tasks, knowledge, memory and a web search.

Written as a user of crewAI would write it: what stands here needs no part of Telltale but the
one call to `autolog`, and it runs as well against a real provider.
"""

import argparse
import sys

from crewai import Agent, Crew, Process, Task
from crewai.knowledge.source.string_knowledge_source import StringKnowledgeSource

from telltale.demo.site_search import SiteSearch
from telltale.demo.texts import TEXTS, AgentText, TaskText

DEFAULT_SITE = "http://127.0.0.1:8901"


def build_crew(lang: str, site: str, *, verbose: bool = False) -> Crew:
    """The crew, ready for kickoff; building it embeds its knowledge once.

    Args:
        lang: "en" or "zh".
        site: Address of the server that has `/pages/…`.
    """
    text = TEXTS[lang]
    # Without a website of its own: the model passes the address that its task names.
    search = SiteSearch()
    scout, guide = (_agent(person, search, verbose) for person in text.agents)
    choose, describe = text.tasks
    return Crew(
        name="trip",
        agents=[scout, guide],
        tasks=[_task(choose, scout, site), _task(describe, guide, site)],
        process=Process.sequential,
        memory=True,
        knowledge_sources=[StringKnowledgeSource(content=text.knowledge)],
        verbose=verbose,
    )


def _agent(text: AgentText, search: SiteSearch, verbose: bool) -> Agent:
    return Agent(
        role=text.role,
        goal=text.goal,
        backstory=text.backstory,
        tools=[search],
        verbose=verbose,
    )


def _task(text: TaskText, agent: Agent, site: str) -> Task:
    return Task(
        description=text.description.format(site=site),
        expected_output=text.expected_output,
        agent=agent,
    )


def main(argv: list[str] | None = None) -> int:
    """Run the crew and print what it wrote."""
    parser = argparse.ArgumentParser(prog="telltale.demo.trip_crew", description=__doc__)
    parser.add_argument("--lang", choices=sorted(TEXTS), default="en")
    parser.add_argument("--site", default=DEFAULT_SITE, help="server that has /pages/")
    parser.add_argument("--no-autolog", dest="autolog", action="store_false", help="do not trace")
    parser.add_argument("--verbose", action="store_true", help="let crewAI print its panels")
    options = parser.parse_args(argv)
    if options.autolog:
        # Here and not at the top, so that an untraced run does without Telltale altogether.
        import telltale.crewai

        telltale.crewai.autolog()
    crew = build_crew(options.lang, options.site.rstrip("/"), verbose=options.verbose)
    print(crew.kickoff())
    return 0


if __name__ == "__main__":
    sys.exit(main())
