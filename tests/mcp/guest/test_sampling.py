"""What guests may ask a model, by the client or a configured one, and what bounds it."""

from __future__ import annotations

import asyncio
from typing import Any

import mcp_types
import pytest

from ringfence.agent.settings import AgentSettings
from ringfence.errors import NoModel
from ringfence.mcp.sampling import (
    BoundedSampler,
    ClientSampler,
    Message,
    ModelSampler,
    Question,
    Reply,
    SamplingBounds,
    SamplingRefused,
)
from tests.mcp.guest.tools import Listed, run
from tests.support.model_endpoint import model_endpoint

SECRET = "correct-horse-battery"
KEY = "sk-" + "a1" * 12


class Echo:
    """A model that says what it was asked."""

    def __init__(self, tokens: int | None = None) -> None:
        self.asked: list[Question] = []
        self._tokens = tokens

    async def ask(self, question: Question) -> Reply:
        self.asked.append(question)
        return Reply(text=f"you said {question.messages[-1].text}", tokens=self._tokens, model="m")


def question(text: str = "hello", **more: Any) -> Question:
    return Question(messages=[Message("user", text)], **more)


def test_programs_ask(engine: str) -> None:
    echo = Echo()
    code = (
        "async def main():\n"
        "    import asyncio\n"
        "    return await asyncio.gather(\n"
        "        llm.ask('one'), llm.ask('two', 'be brief', max_tokens=5, temperature=0.5),\n"
        "        llm.think([{'role': 'user', 'content': 'a'}, {'role': 'assistant', 'content': 'b'},\n"
        "            {'role': 'user', 'content': 'c'}]))\n"
        "await main()"
    )
    result = run(engine, code, Listed([]), BoundedSampler(echo)).raise_for_status()
    assert result.value == ["you said one", "you said two", "you said c"]
    assert echo.asked == [
        question("one"),
        question("two", system="be brief", max_tokens=5, temperature=0.5),
        Question(messages=[Message("user", "a"), Message("assistant", "b"), Message("user", "c")]),
    ]


def test_it_is_off_by_default(engine: str) -> None:
    result = run(engine, "llm", Listed([]))
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("NameError", "name 'llm' is not defined")


@pytest.mark.parametrize(
    "call, message",
    [
        ("llm.ask(1)", "messages[0].content: text is needed, not int"),
        ("llm.think([])", "messages: a list of 1 to 100 is needed"),
        ("llm.think([{'role': 'system', 'content': 'x'}])", "messages[0].role: 'user' or 'assistant' is needed"),
        ("llm.think([{'role': [], 'content': 'x'}])", "messages[0].role: 'user' or 'assistant' is needed"),
        ("llm.think([{'role': 'assistant', 'content': 'x'}])", "messages: the last one must have the role 'user'"),
        ("llm.think([7])", 'messages[0]: {"role": "user", "content": "…"} is needed'),
        ("llm.ask('x', max_tokens=0)", "max_tokens: a whole number from 1 on is needed"),
        ("llm.ask('x', temperature=float('nan'))", "temperature: a number from 0 to 2 is needed, or None"),
        ("llm.ask('x', temperature=3)", "temperature: a number from 0 to 2 is needed, or None"),
        ("llm.ask('x' * 100_000)", "this question may use 26,000 tokens, and the run has 20,000 of 20,000 left; ask for less, or with a smaller max_tokens"),
    ],
)  # fmt: skip
def test_questions_that_are_none(call: str, message: str) -> None:
    echo = Echo()
    result = run("native", f"await {call}", Listed([]), BoundedSampler(echo))
    assert result.error is not None
    assert (result.error.type, result.error.message) == ("HostFunctionError", message)
    assert echo.asked == []


def test_rounds_are_bounded_also_of_questions_at_once(engine: str) -> None:
    echo = Echo(tokens=1)
    code = (
        "import asyncio\n"
        "answers = await asyncio.gather(*[llm.ask(str(n)) for n in range(100)], return_exceptions=True)\n"
        "sum(isinstance(one, str) for one in answers), str(answers[-1])"
    )
    bounds = SamplingBounds(rounds=7, tokens=1_000_000)
    result = run(engine, code, Listed([]), BoundedSampler(echo, bounds)).raise_for_status()
    assert result.value == (7, "a run may ask 7 times, and these were asked")
    assert len(echo.asked) == 7


def test_tokens_are_bounded() -> None:
    async def use() -> None:
        bounded = BoundedSampler(Echo(tokens=600), SamplingBounds(rounds=100, tokens=1_500))
        await bounded.ask(question(max_tokens=500))
        assert bounded.tokens == 600
        await bounded.ask(question(max_tokens=500))
        assert bounded.tokens == 1_200
        with pytest.raises(
            SamplingRefused, match="may use 502 tokens, and the run has 300 of 1,500"
        ):
            await bounded.ask(question(max_tokens=500))
        assert bounded.rounds == 2

    asyncio.run(use())


def test_what_is_not_reported_is_estimated() -> None:
    async def use() -> None:
        bounded = BoundedSampler(Echo())
        await bounded.ask(question("x" * 400))
        assert bounded.tokens == 100 + 103  # what went, and "you said " with it

    asyncio.run(use())


def test_a_model_that_hangs_is_left() -> None:
    class Hanging:
        async def ask(self, question: Question) -> Reply:
            await asyncio.Event().wait()
            raise AssertionError

    async def use() -> None:
        noted: list[dict[str, object]] = []
        bounded = BoundedSampler(Hanging(), SamplingBounds(seconds=0.05), note=noted.append)
        with pytest.raises(SamplingRefused, match=r"did not answer within 0\.05 s"):
            await bounded.ask(question())
        assert [one["outcome"] for one in noted] == ["timeout"]
        assert bounded.tokens == 1_002  # as much as it may have used

    asyncio.run(use())


def test_secrets_neither_go_nor_come_nor_are_noted() -> None:
    async def use() -> None:
        echo = Echo()
        noted: list[dict[str, object]] = []
        bounded = BoundedSampler(echo, secrets=lambda: [SECRET, "ab"], note=noted.append)
        reply = await bounded.ask(
            question(f"{SECRET} and {KEY}", system=f"Authorization: Bearer {'z' * 20} ab")
        )
        (sent,) = echo.asked
        assert sent.messages == [Message("user", "[redacted] and [redacted]")]
        assert sent.system == "Authorization: Bearer [redacted] ab"
        assert reply.text == "you said [redacted] and [redacted]"
        (row,) = noted
        assert {k: row[k] for k in ("rounds", "outcome", "model")} == {
            "rounds": 1, "outcome": "ok", "model": "m"
        }  # fmt: skip
        assert SECRET not in str(row)

        class Telling(Echo):
            async def ask(self, question: Question) -> Reply:
                return Reply(text=f"password = {SECRET}x1; postgres://u:{KEY}@h; eyJ")

        told = await BoundedSampler(Telling()).ask(question())
        assert told.text == "password = [redacted]; postgres://[redacted]@h; eyJ"

    asyncio.run(use())


def test_a_question_that_is_too_long_is_refused_before_it_is_looked_through() -> None:
    """Looking for secrets in what a guest writes holds the host up: four megabytes took ten seconds."""

    def secrets() -> list[str]:
        raise AssertionError("it was looked through")

    async def use() -> None:
        bounded = BoundedSampler(Echo(), SamplingBounds(rounds=2, tokens=1_500), secrets=secrets)
        for text in ("a-" * 2_000_000, "eyJAAAA-" * 500_000):
            with pytest.raises(SamplingRefused, match="this question may use 1,00"):
                await bounded.ask(question(text))
        assert (bounded.rounds, bounded.tokens) == (0, 0)

    asyncio.run(use())


def test_a_secret_that_a_reply_is_cut_in_is_taken_out_before() -> None:
    async def use() -> None:
        class Telling(Echo):
            async def ask(self, question: Question) -> Reply:
                return Reply(text="x" * 10 + SECRET)

        told = await BoundedSampler(Telling(), secrets=lambda: [SECRET]).ask(question(max_tokens=1))
        assert told.text == "x" * 10 + "[redac"

    asyncio.run(use())


def test_the_client_s_model() -> None:
    seen: list[mcp_types.CreateMessageRequest] = []

    async def create(request: mcp_types.CreateMessageRequest) -> mcp_types.CreateMessageResult:
        seen.append(request)
        content: Any = mcp_types.TextContent(type="text", text="4")
        if request.params.max_tokens == 1:
            content = mcp_types.ImageContent(type="image", data="", mime_type="image/png")
        if request.params.max_tokens == 2:
            raise OSError("secret")
        return mcp_types.CreateMessageResult(role="assistant", content=content, model="big")

    async def use() -> None:
        sampler = ClientSampler(create)
        assert await sampler.ask(question("2+2", system="s")) == Reply(text="4", model="big")
        with pytest.raises(SamplingRefused, match="with something else than text"):
            await sampler.ask(question(max_tokens=1))
        with pytest.raises(
            SamplingRefused, match="^the client did not ask its model, or refused to$"
        ):
            await sampler.ask(question(max_tokens=2))

    asyncio.run(use())
    params = seen[0].params
    assert (params.system_prompt, params.max_tokens, len(params.messages)) == ("s", 1_000, 1)


def test_a_configured_model(engine: str) -> None:
    with model_endpoint("forty-two") as endpoint:
        settings = AgentSettings.from_environment(endpoint.variables())
        sampler = BoundedSampler(ModelSampler(settings))
        result = run(engine, "await llm.ask('6*7?', 'Be brief.')", Listed([]), sampler)
    assert result.raise_for_status().value == "forty-two"
    (request,) = endpoint.requests
    assert [one["content"] for one in request["messages"]] == ["Be brief.", "6*7?"]


def test_no_model_is_configured() -> None:
    with pytest.raises(NoModel):
        ModelSampler(AgentSettings())
