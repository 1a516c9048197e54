def reassemble_fragments(fragments: list) -> tuple[dict, list]:
    parts: dict[int, list] = {}
    totals: dict[int, int] = {}
    for message, index, total, text in fragments:
        # Repeated fragments are counted and joined as if they were new.
        parts.setdefault(message, []).append((index, text))
        totals[message] = total
    messages = {
        message: "".join(text for _, text in sorted(known))
        for message, known in parts.items()
        if len(known) >= totals[message]
    }
    return messages, sorted(set(parts) - set(messages))
