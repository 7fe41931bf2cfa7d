"""The connections and the pool of a worker, by the settings of the process."""

from __future__ import annotations

import os

from app.settings import Settings
from database.connect import ConnectOptions, Connector
from database.connect_args import ConnectArgs
from database.pool import Pool, PoolLimits
from database.shares import ShareLimits, Shares


def create_connector(args: ConnectArgs, settings: Settings) -> Connector:
    """Opens connections as the settings say."""
    is_cache_chosen = "statement_cache_size" in settings.model_fields_set
    options = ConnectOptions(
        settings.statement_timeout, settings.acquire_timeout, settings.statement_cache_size, is_cache_chosen
    )
    return Connector(args, options)


def open_pool(settings: Settings, connector: Connector) -> Pool:
    """The pool of a worker process, not started yet."""
    pool = Pool(connector.open, pool_limits(settings), Shares(share_limits(settings)))
    pool.most_rows = settings.max_rows
    return pool


def pool_limits(settings: Settings) -> PoolLimits:
    """The pool's limits."""
    return PoolLimits(
        settings.pool_min,
        settings.pool_max,
        settings.acquire_timeout,
        settings.pool_idle_timeout,
        settings.pool_max_age,
        settings.pool_max_statements,
        settings.pool_check_after,
        settings.pool_waiting,
    )


def share_limits(settings: Settings) -> ShareLimits:
    """The limits of long statements."""
    return ShareLimits(long_places(settings), settings.pool_waiting, settings.acquire_timeout, settings.max_cost)


def long_places(settings: Settings) -> int:
    """How many long statements a worker runs at once: by itself no more than there are processors for all workers, and
    than half of its connections."""
    if settings.pool_long is not None:
        return min(settings.pool_long, settings.pool_max)
    return max(1, min((os.cpu_count() or 1) // settings.workers, settings.pool_max // 2))
