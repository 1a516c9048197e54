def reassemble_fragments(fragments: list) -> tuple[dict, list]:
    parts: dict[int, dict[int, str]] = {}
    totals: dict[int, int] = {}
    spoiled = set()
    for message, index, total, text in fragments:
        known = parts.setdefault(message, {})
        same_total = totals.setdefault(message, total) == total
        same_text = known.setdefault(index, text) == text
        if not (same_total and same_text and 0 <= index < total):
            spoiled.add(message)
    messages = {
        message: "".join(known[index] for index in sorted(known))
        for message, known in parts.items()
        if message not in spoiled and len(known) == totals[message]
    }
    return messages, sorted(set(parts) - set(messages))
