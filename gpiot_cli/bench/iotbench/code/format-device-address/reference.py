def format_device_address(data: list) -> str:
    return ":".join(f"{byte:02X}" for byte in reversed(data))
