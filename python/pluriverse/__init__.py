"""Pluriverse: one deterministic simulation kernel, many realities.

>>> import pluriverse as pv
>>> results = pv.run(
...     {
...         "kind": "process",
...         "run": {"until": "8h"},
...         "sources": {"callers": {"arrivals": {"poisson": {"rate": "20/h"}}}},
...         "stations": {"desk": {"agents": 2, "service": {"exponential": {"mean": "5m"}}}},
...     },
...     replications=10,
... )
>>> results.metrics.desk.wait.unit
'seconds'
"""

from . import arrivals as arrivals
from . import dist as dist
from . import process as process
from ._experiment import Backend as Backend
from ._experiment import Experiment as Experiment
from ._experiment import experiment as experiment
from ._ledgers import Verification as Verification
from ._ledgers import read_ledger as read_ledger
from ._ledgers import verify as verify
from ._native import Column as Column
from ._native import Event as Event
from ._native import EventBatch as EventBatch
from ._native import Laboratory as Laboratory
from ._native import Ledger as Ledger
from ._native import Scenario as Scenario
from ._native import Subscription as Subscription
from ._native import __version__ as __version__
from ._results import Distribution as Distribution
from ._results import Metric as Metric
from ._results import Metrics as Metrics
from ._results import Results as Results
from ._results import Series as Series
from ._scenario import check as check
from ._scenario import kinds as kinds
from ._scenario import load as load
from ._scenario import schema as schema
from ._world import EventStream as EventStream
from ._world import State as State
from ._world import World as World
from ._world import run as run
from .errors import Error as Error
from .errors import Finding as Finding
from .errors import GapWarning as GapWarning
from .errors import LedgerError as LedgerError
from .errors import RunError as RunError
from .errors import ScenarioError as ScenarioError
from .errors import WorldBusyError as WorldBusyError
