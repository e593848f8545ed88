"""A program written for MLflow's arguments is not broken by those that are not used."""

import pytest

import telltale as mlflow
from telltale import TelltaleError


def test_a_request_id_is_kept_and_the_rest_is_said_once(recording, caplog):
    with mlflow.start_span("work"):
        for _ in range(2):
            mlflow.update_current_trace(
                client_request_id="r-1", request_preview="a", response_preview="b", state="OK"
            )

    assert recording.one.attributes["telltale.trace.tag.client_request_id"] == "r-1"
    assert [r.message for r in caplog.records].count(
        "Telltale: update_current_trace() does not use request_preview, response_preview, state; "
        "tags, metadata, session_id, user and client_request_id are kept."
    ) == 1


def test_an_experiments_id_is_answered_with_what_to_give(recording):
    with pytest.raises(TelltaleError, match="expected experiment_name"):
        mlflow.set_experiment(experiment_id="1")
