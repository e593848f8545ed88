"""Model classes of the user's own, which tell crewAI's bus nothing."""

from typing import Any

from crewai import Agent, Crew
from openai import OpenAI

from matrix.variants.parts import MODEL, job, model, taken_from

_ANSWER = "Thought: I now can give a great answer\nFinal Answer: "


def own_model() -> Any:
    """One that says the same whatever it is asked."""

    class Parrot(_base()):  # type: ignore[misc]
        def call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
            return f"{_ANSWER}Hello."

    return _asked(Parrot(model="parrot"), "Greet.")


def own_model_tries_again() -> Any:
    """One that asks a second model where the first fails."""

    class Stubborn(_base()):  # type: ignore[misc]
        def call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
            try:
                return str(model(max_retries=0).call("Fail. [[fail:500:1]]"))
            except Exception:  # noqa: BLE001  whatever it is, there is another
                return _ANSWER + str(model().call("Greet. [[say:Hello.]]"))

    return _asked(Stubborn(model="stubborn"), "Greet.")


def own_model_asks_twice() -> Any:
    """One that has a draft from one model, and its answer from another."""

    class Careful(_base()):  # type: ignore[misc]
        def call(self, messages: Any, *args: Any, **kwargs: Any) -> str:
            draft = self.ask(MODEL, "Draft. [[say:Helo.]]")
            return _ANSWER + self.ask("gpt-4o", f"Correct {draft} [[say:Hello.]]")

        def ask(self, name: str, words: str) -> str:
            said = [{"role": "user", "content": words}]
            answer = OpenAI().chat.completions.create(model=name, messages=said)  # type: ignore[call-overload]
            return str(answer.choices[0].message.content)

    return _asked(Careful(model="careful"), "Greet.")


def _base() -> Any:
    base_llm = taken_from("crewai.llms.base_llm", "BaseLLM")

    class Wordy(base_llm):  # type: ignore[misc, valid-type]
        def supports_function_calling(self) -> bool:
            return False

    return Wordy


def _asked(llm: Any, script: str) -> Any:
    agent = Agent(role="Clerk", goal="Do it", backstory="Works", llm=llm, max_iter=3)
    return Crew(name="own", agents=[agent], tasks=[job(script, agent)]).kickoff()


VARIANTS = (own_model, own_model_tries_again, own_model_asks_twice)
