"""Judges programs that were kept with the tests that IoTBench has now.

    python docs/results/scripts/judge_again.py FOLDER...

For results folders of `gpiot bench iotbench`, after tests were added: the model saw none of them, so
what it wrote stands. Prints each verdict that changed, and notes in `run.json` with which tests the
programs were judged.
"""

import sys
from pathlib import Path

from gpiot_cli.bench.iotbench_run import tested
from gpiot_cli.bench.results import Results, commit
from gpiot_cli.bench.tasks import digest, load_code_tasks


def main(folder: Path) -> None:
    """Judge all of a folder's programs."""
    tasks = {task.id: task for task in load_code_tasks()}
    results = Results(folder)
    lines = results.lines("code")
    for line in lines:
        if line["code"]:
            found = tested(tasks[line["task"]], line["code"])
            if found["passed"] != line["passed"]:
                print(f"{folder.name}, {line['task']}, sample {line['sample']}: {found['reason']}")
            line |= found
    if lines:
        results.write("code", lines)
    facts = results.facts
    facts["settings"]["data"] = {"sha256": digest()}
    facts["judged again"] = commit()
    results.write_facts(facts)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        main(Path(name))
