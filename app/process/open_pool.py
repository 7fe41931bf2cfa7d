"""The connections and the pool of a worker, by the settings of the process."""

from __future__ import annotations

from app.limits import connect_options, pool_limits, share_limits
from app.settings import Settings
from database.connect import Connector
from database.connect_args import ConnectArgs
from database.pool import Pool
from database.shares import Shares


def create_connector(args: ConnectArgs, settings: Settings) -> Connector:
    """Opens connections as the settings say."""
    return Connector(args, connect_options(settings))


def open_pool(settings: Settings, connector: Connector) -> Pool:
    """The pool of a worker process, not started yet."""
    pool = Pool(connector.open, pool_limits(settings), Shares(share_limits(settings)))
    pool.most_rows = settings.max_rows
    return pool
