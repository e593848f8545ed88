"""All routes, one row each: the app is bound from it, OpenAPI derived from it, tests walk it."""

from functools import cache
from typing import Any

from telltale.nouns.answers import (
    Acknowledged,
    Completion,
    Deleted,
    Experiments,
    Imported,
    LiveChanges,
    ReadAgain,
    Version,
)
from telltale.nouns.facets import Facets, Summary
from telltale.nouns.feedback import Feedback, FeedbackList
from telltale.nouns.trace import Experiment, Skeleton, SpanDetail, Trace, TracePage
from telltale.nouns.version import installed_version
from telltale.server.encodings import PACKED
from telltale.server.openapi import document
from telltale.server.resources import Resources
from telltale.server.route import ANY_BYTES, JSON, Call, Permission, Route
from telltale.server.routes import (
    completion,
    deletion,
    export,
    facets,
    feedback,
    health,
    imports,
    journal,
    live,
    otlp,
    page,
    rereading,
    traces,
)
from telltale.server.routes.experiments import BODY_LIMIT, Keep, keep_traces, list_experiments
from telltale.server.routes.spans import read_span
from telltale.server.routes.version import read_version
from telltale.server.rpc_status import RPC_STATUS

PUBLIC, READ, WRITE = Permission.PUBLIC, Permission.READ, Permission.WRITE


def read_openapi(resources: Resources, call: Call) -> dict[str, Any]:
    """This table as an OpenAPI document."""
    return _openapi()


@cache
def _openapi() -> dict[str, Any]:
    return document(ROUTES, installed_version())


ROUTES: tuple[Route, ...] = (
    Route(
        method="GET",
        path="/api/v1/version",
        permission=PUBLIC,
        handler=read_version,
        waits=False,
        summary="Who answers here, and which journal formats it reads.",
        answer=Version,
    ),
    Route(
        method="POST",
        path="/api/v1/journal",
        permission=WRITE,
        handler=journal.take_journal,
        summary="Store a piece of a journal segment; answered once it is on disk.",
        query=journal.JournalQuery,
        body=(ANY_BYTES,),
        body_limit=journal.BODY_LIMIT,
        herald=journal.hear_owner,
        answer=Acknowledged,
    ),
    *(
        Route(
            method="POST",
            path=path,
            permission=WRITE,
            handler=handler,
            summary=summary,
            body=(otlp.PROTOBUF, otlp.JSON),
            body_limit=otlp.BODY_LIMIT,
            encodings=PACKED,
            answer=otlp.Exported,
            other_media=(otlp.PROTOBUF,),
            fails_as=RPC_STATUS,
        )
        for path, handler, summary in (
            ("/v1/traces", otlp.take_traces, "Store spans from OTLP; answered once on disk."),
            (
                "/v1/logs",
                otlp.take_logs,
                "Join GenAI events from OTLP to their spans; others are counted.",
            ),
            (
                "/v1/metrics",
                otlp.take_metrics,
                "Take OTLP metrics, which are counted and not kept.",
            ),
        )
    ),
    Route(
        method="GET",
        path="/api/v1/experiments",
        permission=READ,
        handler=list_experiments,
        summary="All experiments with the number of their traces.",
        answer=Experiments,
    ),
    Route(
        method="POST",
        path="/api/v1/experiments/keep",
        permission=WRITE,
        handler=keep_traces,
        summary="Keep an experiment's traces for some days, or within some room.",
        body=(JSON,),
        body_limit=BODY_LIMIT,
        given=Keep,
        answer=Experiment,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces",
        permission=READ,
        handler=traces.list_traces,
        summary="One page of traces, newest first or in another order.",
        query=traces.TracesQuery,
        answer=TracePage,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/filter/complete",
        permission=READ,
        handler=completion.complete,
        summary="What may be written next in a filter: fields, then values with counts.",
        query=completion.CompletionQuery,
        answer=Completion,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/facets",
        permission=READ,
        handler=facets.count_facets,
        summary="The crews, models, tools, errors, tags that traces have, with counts.",
        query=facets.FacetsQuery,
        answer=Facets,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/summary",
        permission=READ,
        handler=facets.sum_up,
        summary="Counts, tokens, cost and percentiles of traces, by time and by a field.",
        query=facets.SummaryQuery,
        answer=Summary,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces/{trace_id}",
        permission=READ,
        handler=traces.read_trace,
        summary="One trace's row.",
        answer=Trace,
        errors=(404,),
    ),
    Route(
        method="DELETE",
        path="/api/v1/traces/{trace_id}",
        permission=WRITE,
        handler=deletion.delete_trace,
        summary="Delete one trace, with everything that belongs to it.",
        answer=Deleted,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/traces/delete",
        permission=WRITE,
        handler=deletion.delete_traces,
        summary="Delete traces by their ids, or those that a filter is true of.",
        body=(JSON,),
        body_limit=deletion.BODY_LIMIT,
        given=deletion.WhatToDelete,
        answer=Deleted,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces/{trace_id}/skeleton",
        permission=READ,
        handler=traces.read_skeleton,
        summary="One trace without its bodies, as columns.",
        query=traces.SkeletonQuery,
        answer=Skeleton,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces/{trace_id}/spans/{span}",
        permission=READ,
        handler=read_span,
        summary="One span with its body, by its ordinal in the trace or by its id.",
        answer=SpanDetail,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces/{trace_id}/feedback",
        permission=READ,
        handler=feedback.list_feedback,
        summary="What was said of one trace.",
        answer=FeedbackList,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/traces/{trace_id}/feedback",
        permission=WRITE,
        handler=feedback.add_feedback,
        summary="Say something of one trace, or of a span of it.",
        body=(JSON,),
        body_limit=feedback.BODY_LIMIT,
        given=feedback.NewFeedback,
        answer=Feedback,
        errors=(404,),
    ),
    Route(
        method="DELETE",
        path="/api/v1/traces/{trace_id}/feedback/{feedback_id}",
        permission=WRITE,
        handler=feedback.remove_feedback,
        summary="Take back what was said; answered with what is left.",
        answer=FeedbackList,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/traces/{trace_id}/tags",
        permission=WRITE,
        handler=feedback.change_tags,
        summary="Give one trace tags, or take some away.",
        body=(JSON,),
        body_limit=feedback.BODY_LIMIT,
        given=feedback.TagChanges,
        answer=Trace,
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/traces/{trace_id}/otlp",
        permission=READ,
        handler=export.read_otlp,
        summary="One trace as OTLP TracesData, with our reading in added attributes.",
        answer=dict[str, Any],
        errors=(404,),
    ),
    Route(
        method="GET",
        path="/api/v1/export",
        permission=READ,
        handler=export.export_traces,
        summary="Traces as OTLP JSON lines, one trace a line, in order of arrival.",
        query=export.ExportQuery,
        answer=str,
        media=export.JSON_LINES,
        errors=(404,),
    ),
    Route(
        method="POST",
        path="/api/v1/import",
        permission=WRITE,
        handler=imports.import_traces,
        summary="Store traces as export writes them, one a line; answered once on disk.",
        body=(export.JSON_LINES,),
        body_limit=imports.BODY_LIMIT,
        encodings=PACKED,
        answer=Imported,
        errors=(400,),
    ),
    Route(
        method="POST",
        path="/api/v1/reread",
        permission=WRITE,
        handler=rereading.read_again,
        summary="Read stored spans again, some at a time, as this version understands them.",
        body=(JSON,),
        body_limit=rereading.BODY_LIMIT,
        given=rereading.WhatToRead,
        answer=ReadAgain,
    ),
    Route(
        method="GET",
        path="/api/v1/live",
        permission=READ,
        handler=live.stream_changes,
        summary="Traces as they change: server-sent events, data as LiveChanges.",
        query=live.LiveQuery,
        answer=LiveChanges,
        media=live.EVENT_STREAM,
        errors=(404,),
    ),
    *(
        Route(
            method="GET",
            path=path,
            permission=PUBLIC,
            handler=read_openapi,
            waits=False,
            summary="This description.",
            answer=dict[str, Any],
        )
        for path in ("/api/v1/openapi.json", "/api/openapi.json")
    ),
    Route(
        method="GET",
        path="/health",
        permission=PUBLIC,
        handler=health.read_health,
        summary="The server is alive and its store answers.",
        answer=health.Health,
    ),
    Route(
        method="GET",
        path="/metrics",
        permission=READ,
        handler=health.read_metrics,
        waits=False,
        summary="Counters in Prometheus' text format.",
        answer=str,
        media=health.EXPOSITION,
    ),
    *(
        Route(
            method="GET",
            path=path,
            permission=PUBLIC,
            handler=page.show_page,
            waits=False,
            summary="The page; its own routes all answer with the same file.",
            query=None,
            answer=str,
            media=page.HTML,
            errors=(404,),
        )
        for path in ("/", "/traces", "/traces/{rest:path}")
    ),
    Route(
        method="GET",
        path="/ui/{build}/{file:path}",
        permission=PUBLIC,
        handler=page.show_asset,
        waits=False,
        summary="A file of the page, immutable.",
        query=None,
        answer=str,
        media=page.ANY_MEDIA,
        errors=(404,),
    ),
)
