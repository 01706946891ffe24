"""A language model to test against: an OpenAI-compatible server whose answers are scripts.

In a test:

    with serve_in_thread() as llm:
        llm.url                            the address without /v1
        llm.exchanges[-1].sent_bytes       what was written to one client so far
        llm.bad_keys.add("expired")

As a process of its own: `with run_process() as remote:` in Python, `python -m tests.fake_llm --port 9000` by hand;
`POST /_control` then takes what `FakeLlm.control` takes, `GET /_control` answers `counts()`, and
`GET /_control/<id>` the bytes that were sent to one request.

Tags in the last user message choose the script; scripts.py lists them, and `scripts.answer(message)` says what comes.
"""

from tests.fake_llm.llm import Exchange, FakeLlm
from tests.fake_llm.server import Remote, run_process, serve_in_thread

__all__ = ["Exchange", "FakeLlm", "Remote", "run_process", "serve_in_thread"]
