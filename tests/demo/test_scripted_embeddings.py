"""Embeddings: the same in either encoding, and near where the texts are near."""

import math

import openai
import pytest
from google.genai.errors import APIError
from speakers import gemini_client

from telltale.demo.texts import TEXTS

KNOWLEDGE_THRESHOLD = 0.2
"""The cosine from which crewAI 1.15.30's knowledge and web tool keep a result."""
CONSOLIDATION = 0.91
"""The cosine from which its memory thinks that two statements may be one (score 0.85)."""


def embed(client, text, **options):
    options = {"model": "text-embedding-3-small", **options}
    return client.embeddings.create(input=text, **options).data[0].embedding


def cosine(client, one, other):
    answer = client.embeddings.create(model="text-embedding-3-small", input=[one, other])
    left, right = (item.embedding for item in answer.data)
    return sum(a * b for a, b in zip(left, right, strict=True))


def test_base64_and_floats_are_the_same_numbers(client):
    # Without a format the client asks for base64 and decodes it.
    assert embed(client, "Tokyo 东京") == embed(client, "Tokyo 东京", encoding_format="float")


@pytest.mark.parametrize(
    ("options", "length"),
    [
        ({}, 1536),
        ({"model": "text-embedding-3-large"}, 3072),
        ({"dimensions": 64}, 64),
        ({"dimensions": 1}, 1),
    ],
)
def test_a_vector_has_the_asked_length_and_the_norm_one(client, options, length):
    vector = embed(client, "hotel", **options)

    assert len(vector) == length
    assert math.isclose(math.hypot(*vector), 1, rel_tol=1e-5)


@pytest.mark.parametrize(
    ("query", "near", "far"),
    [
        ("quiet hotel near a station", "She likes a small quiet hotel", "Snow on six days"),
        ("哪里吃素", "平时吃素，周末登山", "空气干燥，下雨一天"),
    ],
)
def test_texts_that_share_words_are_nearer(client, query, near, far):
    assert cosine(client, query, near) > KNOWLEDGE_THRESHOLD > cosine(client, query, far) > 0


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("number", [0, 1])
def test_the_crews_queries_find_what_they_look_for(client, lang, number):
    text = TEXTS[lang]
    scene, page = text.scenes[number], "\n".join(text.pages[number].paragraphs)

    assert cosine(client, scene.rewritten_query, text.knowledge) > KNOWLEDGE_THRESHOLD
    assert cosine(client, scene.search_query, page) > KNOWLEDGE_THRESHOLD


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_crews_memories_are_too_different_to_be_merged(client, lang):
    texts = [memory.text for scene in TEXTS[lang].scenes for memory in scene.memories]
    pairs = [(a, b) for n, a in enumerate(texts) for b in texts[:n]]

    assert max(cosine(client, a, b) for a, b in pairs) < CONSOLIDATION


def test_inputs_may_be_token_numbers_and_usage_counts_all(client):
    answer = client.embeddings.create(
        model="text-embedding-3-small", input=[[1, 2], [1, 2], [3]], dimensions=32
    )

    assert answer.data[0].embedding == answer.data[1].embedding != answer.data[2].embedding
    assert answer.usage.total_tokens == answer.usage.prompt_tokens > 0


@pytest.mark.parametrize("options", [{"input": ""}, {"input": []}, {"dimensions": 4000}])
def test_what_cannot_be_embedded_is_refused(client, options):
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(**{"model": "text-embedding-3-small", "input": "x", **options})


def test_gemini_and_azure_embed_the_same_texts_to_the_same_vectors(llm, client):
    google = gemini_client(llm)
    config = {"output_dimensionality": 32}
    asked = {"contents": ["Tokyo", "Kyoto"], "config": config}
    theirs = google.models.embed_content(model="gemini-embedding-001", **asked).embeddings
    with openai.AzureOpenAI(
        base_url=f"{llm.url}/openai/deployments/embedder", api_key="x", api_version="2024-10-21"
    ) as azure:
        answer = azure.embeddings.create(model="x", input=["Tokyo", "Kyoto"], dimensions=32)
    ours = client.embeddings.create(model="x", input=["Tokyo", "Kyoto"], dimensions=32).data

    expected = [one.embedding for one in ours]
    assert [one.embedding for one in answer.data] == expected
    for one, vector in zip(theirs, expected, strict=True):
        assert one.values == pytest.approx(vector)
    assert [call.model for call in llm.calls] == ["gemini-embedding-001", "embedder", "x"]
    assert len({call.input_tokens for call in llm.calls}) == 1


def test_gemini_refuses_embeddings_in_its_own_words(llm):
    google = gemini_client(llm)
    with pytest.raises(APIError) as raised:
        google.models.embed_content(model="gemini-embedding-001", contents="[[fail:429:1]] Tokyo")

    assert (raised.value.code, raised.value.status) == (429, "RESOURCE_EXHAUSTED")
