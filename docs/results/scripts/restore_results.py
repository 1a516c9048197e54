"""Makes results folders again from `docs/results/data`, so that a measurement can go on elsewhere.

    python docs/results/scripts/restore_results.py FOLDER docs/results/data/*.json

What the JSON leaves out (replies, and IoTBench's programs) is lost; no page and no resumed
measurement needs it.
"""

import json
import sys
from pathlib import Path

from gpiot_cli.bench.results import Results


def main(folder: Path, data: list[Path]) -> None:
    """One results folder for each file."""
    for path in data:
        facts = json.loads(path.read_text(encoding="utf-8"))
        results = Results(folder / path.stem)
        for row, lines in facts.pop("rows").items():
            results.write(row, lines)
        results.write_facts(facts)


if __name__ == "__main__":
    main(Path(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
