import math


def link_budget(
    distance_m: float,
    frequency_hz: float,
    power_dbm: float,
    gains_dbi: list,
    losses_db: list,
    sensitivity_dbm: float,
) -> tuple[float, float]:
    # This constant of the path loss is for kilometres and MHz.
    path_loss = 20 * math.log10(distance_m) + 20 * math.log10(frequency_hz) + 32.44
    received = power_dbm + sum(gains_dbi) - path_loss - sum(losses_db)
    wavelength = 299_792_458 / frequency_hz
    return received - sensitivity_dbm, math.sqrt(wavelength * distance_m / 4)
