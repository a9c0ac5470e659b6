"""How much is measured: everything, or just enough to see that it works."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FULL", "QUICK", "Plan"]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Counts, by group.

    Attributes:
        start_rounds: fresh starts of each subject.
        slow_every: rounds between two starts of a peer that takes a tenth of a second.
        boots: processes that boot an image of their own.
        bursts: how often the burst is repeated.
        burst: starts in a burst.
        call_rounds: turns taken by each way to call; each is ``block`` calls.
        block: calls in a row, because that is how calls come.
        host_turns: guest turns that make ``host_calls`` host calls each.
        host_calls: host calls in a turn.
        windows: throughput windows of each subject.
        window: seconds of a window.
        speed_rounds: runs of each kernel on each side.
        boxes: idle sandboxes that are looked at.
        crowd: idle sandboxes that live at once.
        pool_rounds: sandboxes taken from a warm pool.
        hook_rounds: calls of a hook by each way.
        tiles: of a world that is mapped.
        batches: batches of 10,000 calls.
        block_rounds: evaluations of 10,000 blocks.
        model_blocks: blocks of a model that is opened and changed.
        dxf_bytes: of a file that is imported.
        import_rounds: processes that import, and that do not.
        codec_rounds: encodings of each value.
        transfers: large arrays sent each way.
        state_rounds: saves and restores of a small session.
        load_rounds: turns taken by each way to load an installed plugin.
        analysis_files: files that are analysed at once.
        analysis_rounds: analyses of all of them.
        service_seconds: of load on the service, of each kind.
        service_calls: turns of a session over HTTP.
        service_streams: runs whose first streamed byte is timed.
        service_sessions: sessions that are alive at once.
        mcp_calls: calls of the MCP server, of each kind.
        profile_rounds: starts that ``--profile start`` takes apart.
    """

    start_rounds: int
    slow_every: int
    boots: int
    bursts: int
    burst: int
    call_rounds: int
    block: int
    host_turns: int
    host_calls: int
    windows: int
    window: float
    speed_rounds: int
    boxes: int
    crowd: int
    pool_rounds: int
    hook_rounds: int
    tiles: int
    batches: int
    block_rounds: int
    model_blocks: int
    dxf_bytes: int
    import_rounds: int
    codec_rounds: int
    transfers: int
    state_rounds: int
    load_rounds: int
    analysis_files: int
    analysis_rounds: int
    service_seconds: float
    service_calls: int
    service_streams: int
    service_sessions: int
    mcp_calls: int
    profile_rounds: int


FULL = Plan(
    start_rounds=400,
    slow_every=10,
    boots=10,
    bursts=5,
    burst=200,
    call_rounds=400,
    block=10,
    host_turns=20,
    host_calls=1_000,
    windows=7,
    window=1.0,
    speed_rounds=60,
    boxes=50,
    crowd=2_000,
    pool_rounds=300,
    hook_rounds=200,
    tiles=1_000,
    batches=60,
    block_rounds=9,
    model_blocks=10_000,
    dxf_bytes=10_000_000,
    import_rounds=60,
    codec_rounds=100,
    transfers=30,
    state_rounds=100,
    load_rounds=100,
    analysis_files=1_000,
    analysis_rounds=5,
    service_seconds=20.0,
    service_calls=500,
    service_streams=100,
    service_sessions=500,
    mcp_calls=200,
    profile_rounds=200,
)

QUICK = Plan(
    start_rounds=6,
    slow_every=6,
    boots=1,
    bursts=1,
    burst=10,
    call_rounds=6,
    block=5,
    host_turns=2,
    host_calls=50,
    windows=1,
    window=0.2,
    speed_rounds=1,
    boxes=3,
    crowd=6,
    pool_rounds=6,
    hook_rounds=4,
    tiles=8,
    batches=3,
    block_rounds=1,
    model_blocks=300,
    dxf_bytes=1_000_000,
    import_rounds=1,
    codec_rounds=2,
    transfers=1,
    state_rounds=2,
    load_rounds=2,
    analysis_files=20,
    analysis_rounds=1,
    service_seconds=0.5,
    service_calls=5,
    service_streams=3,
    service_sessions=6,
    mcp_calls=3,
    profile_rounds=5,
)
