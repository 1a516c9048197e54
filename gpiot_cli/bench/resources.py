"""The same activity recognition under four resource prompts, P1 to P4 (GPIoT, Fig. 19(a)).

The paper runs the programs on a Jetson Nano and measures GPU memory. Here they run on the processor,
and what is measured is the peak memory of the process, with its interpreter and packages; the table
shows the plain program beside them, so that the difference can be judged.
"""

from dataclasses import replace
from pathlib import Path

from gpiot_cli.bench import activity
from gpiot_cli.bench.recognition import Task

BASE = "I need to deploy the HAR model on Jetson Nano"
PROMPTS = {
    "P1": BASE,
    "P2": f"{BASE}. Do not consider any resource constraints but only model accuracy",
    "P3": f"{BASE}. The GPU memory usage should not exceed 200 MB",
    "P4": f"{BASE}. The GPU memory should not exceed 50 MB",
}
"""Section 6.3.2, word for word."""


def task(signals: Path) -> Task:
    """Activity recognition on the split by repetitions, with each prompt after its statement."""
    statements = {name: f"{activity.STATEMENT}. {words}" for name, words in PROMPTS.items()}
    whole = activity.task(signals, statements)
    return replace(whole, name="resources", splits={"repetitions": whole.splits["repetitions"]})
