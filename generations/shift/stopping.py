"""Whether Studio is being stopped: SIGTERM ends django-q2's main process, and is not heard in its tasks.

Made when the worker's main process imports this, before it forks, so that all of its children see the same event.
"""

from multiprocessing import get_context

stopping = get_context("fork").Event()
