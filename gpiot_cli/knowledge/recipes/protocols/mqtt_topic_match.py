"""Decide whether an MQTT topic matches a subscription filter with + and # wildcards.

Use it to route messages in a gateway or to test access rules without a broker. Levels are compared
one by one: + stands for one level, # for all the rest including none. Topics that start with $
are not matched by a leading wildcard.

topic: protocols
modality: packet
keywords: mqtt, topic filter, wildcard, subscription, routing, broker, publish subscribe
source: OASIS, 2019, "MQTT Version 5.0", section 4.7 Topic Names and Topic Filters
"""


def mqtt_topic_match(topic_filter: str, topic: str) -> bool:
    """Whether the filter selects the topic.

    Inputs:
        topic_filter (str): subscription, such as home/+/temperature or home/#
        topic (str): topic of a message, without wildcards
    Outputs:
        matches (bool): True when a subscriber with this filter gets the message
    """
    wanted, levels = topic_filter.split("/"), topic.split("/")
    if not topic or "+" in topic or "#" in topic:
        raise ValueError(f"a topic must not be empty or contain wildcards: {topic!r}")
    malformed = any(len(level) > 1 and ("+" in level or "#" in level) for level in wanted)
    if not topic_filter or malformed or "#" in wanted[:-1]:
        raise ValueError(f"+ must fill a level and # the last one: {topic_filter!r}")
    if topic.startswith("$") and wanted[0] in ("+", "#"):
        return False
    if wanted[-1] == "#":
        wanted = wanted[:-1]
        if len(levels) < len(wanted):
            return False
        levels = levels[: len(wanted)]
    return len(wanted) == len(levels) and all(
        want in ("+", level) for want, level in zip(wanted, levels, strict=True)
    )


def check() -> None:
    """The examples of the standard."""
    for topic in ("sport/tennis", "sport/tennis/player1", "sport/tennis/player1/score"):
        assert mqtt_topic_match("sport/tennis/#", topic)
    assert mqtt_topic_match("sport/+", "sport/")
    assert not mqtt_topic_match("sport/+", "sport")
    assert mqtt_topic_match("+/+", "/finance")
    assert not mqtt_topic_match("+", "/finance")
    assert mqtt_topic_match("+/monitor/+", "a/monitor/b")
    assert not mqtt_topic_match("#", "$SYS/uptime")
    assert mqtt_topic_match("$SYS/#", "$SYS/uptime")
    assert not mqtt_topic_match("home/kitchen", "home/Kitchen")
    for wrong in ("sport/tennis#", "sport/#/ranking", "sport+", ""):
        try:
            mqtt_topic_match(wrong, "a")
        except ValueError:
            continue
        raise AssertionError(f"{wrong!r} was accepted")
