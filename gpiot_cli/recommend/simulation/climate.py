"""Sun and weather of a simulated place, by simple astronomy and a random walk."""

import math
import random
from datetime import date, datetime

PLACES: dict[str, tuple[float, float, float, str]] = {
    "NL": (52, 10.5, 7.5, "Europe/Amsterdam"),
    "BE": (51, 10.5, 7.5, "Europe/Brussels"),
    "DE": (50, 9.5, 9.5, "Europe/Berlin"),
    "DK": (56, 8.5, 8.5, "Europe/Copenhagen"),
    "SE": (59, 7, 10, "Europe/Stockholm"),
    "FR": (47, 12, 8, "Europe/Paris"),
    "IT": (42, 16, 9, "Europe/Rome"),
    "ES": (40, 16, 9, "Europe/Madrid"),
    "PL": (52, 9, 11, "Europe/Warsaw"),
    "RU": (56, 6, 14, "Europe/Moscow"),
    "CN": (31, 17, 12, "Asia/Shanghai"),
    "US": (39, 13, 12, "America/New_York"),
    "CA": (45, 7, 14, "America/Toronto"),
    "AU": (-34, 18, 5.5, "Australia/Sydney"),
}
"""Latitude (degrees), mean and seasonal swing of the temperature (°C), time zone."""


class Climate:
    """One place's sun and weather over the days; the same dice give the same weather."""

    def __init__(self, country: str, dice: random.Random) -> None:
        self.latitude, self._mean, self._swing, self.zone = PLACES.get(country, PLACES["NL"])
        self._dice = dice
        self._anomaly = 0.0
        self.cloud = 0.5
        """0 clear to 1 overcast."""

    def next_day(self) -> None:
        """Weather that remembers the day before (first-order autoregression)."""
        self._anomaly = 0.8 * self._anomaly + self._dice.gauss(0, 2.0)
        self.cloud = min(1.0, max(0.0, 0.6 * self.cloud + self._dice.uniform(-0.1, 0.5)))

    def sun_height(self, time: datetime) -> float:
        """Sine of the sun's elevation, with noon at 13:00 on the clock."""
        declination = math.radians(-23.44 * math.cos(math.tau * (_day_of_year(time) + 10) / 365.25))
        latitude = math.radians(self.latitude)
        hour_angle = math.tau * (time.hour + time.minute / 60 - 13) / 24
        return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(
            declination
        ) * math.cos(hour_angle)

    def outdoors(self, time: datetime) -> float:
        """Temperature outside (°C): season, hour (warmest at 16:00) and the day's anomaly."""
        season = -math.cos(math.tau * (_day_of_year(time) - 20) / 365.25)
        season *= 1 if self.latitude >= 0 else -1
        hour = math.cos(math.tau * (time.hour + time.minute / 60 - 16) / 24)
        return self._mean + self._swing * season + 3.5 * hour + self._anomaly

    def daylight(self, time: datetime) -> float:
        """Illuminance of a room by its windows (lux)."""
        return max(0.0, self.sun_height(time)) * 900 * (1 - 0.75 * self.cloud)


def _day_of_year(time: date) -> int:
    return time.timetuple().tm_yday
