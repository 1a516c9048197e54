"""Predict how warm people find a room: Fanger's predicted mean vote (PMV) and share dissatisfied.

Use it to judge or control heating by comfort instead of temperature: -3 cold, 0 neutral, 3 hot; a
good room lies within 0.5. It balances the body's heat with clothing, activity, air speed, radiant
temperature and humidity, solving for the clothing's surface temperature by iteration. Valid for
steady conditions, 10 to 30 degrees C and up to 1 m/s.

topic: time series
modality: temperature, humidity, air quality
keywords: thermal comfort, PMV, PPD, fanger, ISO 7730, ASHRAE 55, indoor climate, HVAC
source: P. O. Fanger, 1970, "Thermal Comfort", Danish Technical Press; ISO 7730:2005, annex D
"""

from math import exp, sqrt


def thermal_comfort_pmv(
    air: float,
    radiant: float,
    humidity: float,
    air_speed: float = 0.1,
    activity: float = 1.2,
    clothing: float = 0.7,
) -> tuple[float, float]:
    """Predicted mean vote and percentage dissatisfied.

    Inputs:
        air (float): air temperature in degrees C
        radiant (float): mean radiant temperature in degrees C; the air's if unknown
        humidity (float): relative humidity in %
        air_speed (float): relative air speed in m/s
        activity (float): metabolic rate in met; 1.2 for office work
        clothing (float): insulation in clo; 0.5 summer, 1.0 winter
    Outputs:
        pmv (float): predicted mean vote, -3 to 3 in its valid range
        ppd (float): predicted percentage of dissatisfied people, 5 to 100
    """
    if not (0 <= humidity <= 100 and -10 < air < 50 and -10 < radiant < 60):
        raise ValueError("humidity must be 0-100 %, temperatures those of a room")
    if air_speed < 0 or activity <= 0 or clothing < 0:
        raise ValueError("air_speed and clothing must not be negative, activity positive")
    vapour = humidity * 10 * exp(16.6536 - 4030.183 / (air + 235))  # Pa
    insulation, heat = 0.155 * clothing, 58.15 * activity  # m2 K/W, W/m2
    area = 1 + 1.29 * insulation if insulation <= 0.078 else 1.05 + 0.645 * insulation
    forced = 12.1 * sqrt(air_speed)
    skin = 35.7 - 0.028 * heat

    def losses(surface: float) -> tuple[float, float]:
        """Radiation and convection from clothing at this temperature in W/m2."""
        radiation = 3.96e-8 * area * ((surface + 273) ** 4 - (radiant + 273) ** 4)
        transfer = max(2.38 * abs(surface - air) ** 0.25, forced)
        return radiation, area * transfer * (surface - air)

    low, high = -50.0, 100.0
    for _ in range(60):  # the balance falls steadily with the temperature, so bisection finds it
        surface = (low + high) / 2
        if skin - insulation * sum(losses(surface)) > surface:
            low = surface
        else:
            high = surface
    sweat = max(0.42 * (heat - 58.15), 0.0)
    diffusion = 3.05e-3 * (5733 - 6.99 * heat - vapour)
    breath = 1.7e-5 * heat * (5867 - vapour) + 0.0014 * heat * (34 - air)
    surplus = heat - diffusion - sweat - breath - sum(losses(surface))
    pmv = (0.303 * exp(-0.036 * heat) + 0.028) * surplus
    return pmv, 100 - 95 * exp(-0.03353 * pmv**4 - 0.2179 * pmv**2)


def check() -> None:
    """Rows of the validation table of ISO 7730, annex D."""
    table = (
        (22.0, 22.0, 0.10, 60, 1.2, 0.5, -0.75, 17),
        (27.0, 27.0, 0.10, 60, 1.2, 0.5, 0.77, 17),
        (27.0, 27.0, 0.30, 60, 1.2, 0.5, 0.44, 9),
        (23.5, 25.5, 0.10, 60, 1.2, 0.5, -0.01, 5),
        (23.5, 25.5, 0.30, 60, 1.2, 0.5, -0.55, 11),
        (19.0, 19.0, 0.10, 40, 1.2, 1.0, -0.60, 13),
        (27.0, 27.0, 0.30, 60, 1.6, 0.5, 0.95, 24),
        (22.0, 22.0, 0.10, 60, 1.6, 0.5, 0.05, 5),
        (27.0, 27.0, 0.10, 60, 1.6, 0.5, 1.17, 34),
    )
    for air, radiant, speed, humidity, activity, clothing, vote, share in table:
        pmv, ppd = thermal_comfort_pmv(air, radiant, humidity, speed, activity, clothing)
        assert abs(pmv - vote) < 0.02
        assert abs(ppd - share) < 1
