"""Tells the story to one of the Python SDKs, which share an interface.

Called with the module, the host and the write key; says one line of JSON: how many calls were
made, for how many of them the SDK reported success, and everything it reported otherwise.
"""

import importlib
import json
import logging
import sys
from pathlib import Path

STORY = json.loads(Path(__file__).with_name("story.json").read_text())


def main() -> None:
    name, host, write_key = sys.argv[1:]
    sdk = importlib.import_module(name)
    errors: list[str] = []
    failed = 0

    def on_error(error: Exception, batch: list) -> None:
        nonlocal failed
        failed += len(batch)
        errors.append(str(error))

    class Faults(logging.Handler):
        """Retries and dropped messages are only logged."""

        def emit(self, record: logging.LogRecord) -> None:
            errors.append(record.getMessage())

    logging.getLogger().addHandler(Faults(logging.WARNING))
    client = sdk.Client(write_key, host=host, on_error=on_error)
    user, browser = STORY["userId"], STORY["anonymousId"]
    queued = [
        client.identify(user, STORY["traits"], anonymous_id=browser),
        client.track(user, STORY["event"], STORY["properties"], anonymous_id=browser),
        client.page(user, name=STORY["page"], anonymous_id=browser),
        client.group(user, STORY["groupId"], STORY["group"], anonymous_id=browser),
        client.alias(browser, user),
    ]
    client.shutdown()
    errors.extend("a call was not queued" for ok, _ in queued if not ok)
    report = {"sent": len(queued), "confirmed": len(queued) - failed, "errors": errors}
    print(json.dumps(report))


main()
