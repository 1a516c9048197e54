def parse_status_line(line: str) -> dict:
    # Only digits are taken for a number: neither signs nor points.
    fields = {}
    for field in line.split(";"):
        if field.strip():
            name, value = (part.strip() for part in field.split("=", 1))
            fields[name] = float(value) if value.isdigit() else value
    return fields
