import math


def link_budget(
    distance_m: float,
    frequency_hz: float,
    power_dbm: float,
    gains_dbi: list,
    losses_db: list,
    sensitivity_dbm: float,
) -> tuple[float, float]:
    wavelength = 299_792_458 / frequency_hz
    path_loss = 20 * math.log10(4 * math.pi * distance_m / wavelength)
    received = power_dbm + sum(gains_dbi) - path_loss - sum(losses_db)
    return received - sensitivity_dbm, math.sqrt(wavelength * distance_m / 4)
