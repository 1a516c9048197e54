"""Evaluate if-then automation rules over the current sensor readings.

Use it for home automation and alarms that users configure as data. Each rule lists conditions that
must all hold, and an action; rules are checked in order of priority, and for each device the first
action wins, so rules do not contradict one another. A condition on a missing reading is false.
Nothing of a rule is executed as code.

topic: control
modality: generic, temperature, occupancy, light, power
keywords: rule engine, automation, if-then, condition, trigger, action, home automation, conflict
source: B. Ur, E. McManus, M. P. Y. Ho and M. L. Littman, 2014, "Practical trigger-action programming in the smart home", ACM CHI
"""

import operator

OPERATORS = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


def evaluate_rules(readings: dict, rules: list) -> list:
    """Actions that the readings call for.

    Inputs:
        readings (dict): current value (number, str or bool) of each sensor by name
        rules (list): dicts of when (list of dicts of sensor, op and value), device, action, and
            priority (int, optional, 0; higher goes first); op is <, <=, >, >=, == or !=
    Outputs:
        actions (list): dicts of device, action and rule (its index), highest priority first
    """
    for rule in rules:
        if not {"when", "device", "action"} <= set(rule):
            raise ValueError(f"a rule needs when, device and action: {rule}")
        for condition in rule["when"]:
            if condition.get("op") not in OPERATORS or not {"sensor", "value"} <= set(condition):
                raise ValueError(f"a condition needs sensor, value and a known op: {condition}")
    actions: dict = {}
    order = sorted(range(len(rules)), key=lambda i: -rules[i].get("priority", 0))
    for i in order:
        rule = rules[i]
        if rule["device"] not in actions and all(_holds(readings, c) for c in rule["when"]):
            actions[rule["device"]] = {
                "device": rule["device"],
                "action": rule["action"],
                "rule": i,
            }
    return list(actions.values())


def _holds(readings: dict, condition: dict) -> bool:
    value = readings.get(condition["sensor"])
    # NaN marks a missing reading; it is the only value that differs from itself.
    if value is None or value != value:
        return False
    try:
        return bool(OPERATORS[condition["op"]](value, condition["value"]))
    except TypeError as error:
        raise ValueError(f"{value!r} cannot be compared in {condition}") from error


def check() -> None:
    """Conditions, priorities, conflicts, missing readings and malformed rules."""
    cold = {"sensor": "temperature", "op": "<", "value": 19}
    open_window = {"sensor": "window", "op": "==", "value": "open"}
    rules = [
        {"when": [cold], "device": "heating", "action": "on"},
        {"when": [open_window], "device": "heating", "action": "off", "priority": 5},
        {"when": [cold, open_window], "device": "siren", "action": "beep"},
    ]

    def actions(readings: dict) -> list:
        return [(a["device"], a["action"]) for a in evaluate_rules(readings, rules)]

    assert actions({"temperature": 18, "window": "closed"}) == [("heating", "on")]
    both = [("heating", "off"), ("siren", "beep")]
    assert actions({"temperature": 18, "window": "open"}) == both
    assert actions({"temperature": float("nan")}) == []
    for broken in ([{"when": []}], [{"when": [{"op": "~"}], "device": "a", "action": "b"}]):
        try:
            evaluate_rules({}, broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
