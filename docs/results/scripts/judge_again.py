"""Judges programs that were kept with the tests that IoTBench has now.

    python docs/results/scripts/judge_again.py FOLDER...

For results folders of `gpiot bench iotbench`, after tests were added: the model saw none of them, so
what it wrote stands. Prints each verdict that changed, and notes in `run.json` with which tests the
programs were judged.
"""

import json
import sys
from pathlib import Path

from gpiot_cli.bench.results import FACTS, Results, commit
from gpiot_cli.bench.tasks import digest, judge, load_code_tasks
from gpiot_cli.files import write_atomic


def main(folder: Path) -> None:
    """Judge all of a folder's programs."""
    tasks = {task.id: task for task in load_code_tasks()}
    results = Results(folder)
    lines = results.lines("code")
    for line in lines:
        if line["code"]:
            verdict = judge(tasks[line["task"]], line["code"])
            if verdict.passed != line["passed"]:
                print(f"{folder.name}, {line['task']}, sample {line['sample']}: {verdict.reason}")
            line["passed"], line["reason"] = verdict.passed, verdict.reason
            line["timed out"] = verdict.timed_out
    if lines:
        text = "".join(json.dumps(line) + "\n" for line in lines)
        write_atomic(folder / "code.jsonl", text)
    facts = results.facts
    facts["settings"]["data"] = {"sha256": digest()}
    facts["judged again"] = commit()
    write_atomic(folder / FACTS, json.dumps(facts, indent=1))


if __name__ == "__main__":
    for name in sys.argv[1:]:
        main(Path(name))
