def format_device_address(data: list) -> str:
    # The bytes stay in the order in which they arrive.
    return ":".join(f"{byte:02X}" for byte in data)
