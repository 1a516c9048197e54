def parse_status_line(line: str) -> dict:
    fields: dict = {}
    for field in line.split(";"):
        if not field.strip():
            continue
        name, value = (part.strip() for part in field.split("=", 1))
        try:
            fields[name] = float(value)
        except ValueError:
            fields[name] = value
    return fields
