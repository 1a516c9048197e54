"""Read position, time and quality from a GPS receiver's NMEA 0183 GGA sentence.

Use it on the serial output of any GNSS module. The checksum, the exclusive or of all characters
between $ and *, must fit. Degrees and minutes (ddmm.mmmm) become signed decimal degrees. Without a
fix the sentence has no position: quality is 0 and latitude and longitude are NaN.

topic: protocols
modality: packet, generic
keywords: nmea, gps, gnss, gga, latitude, longitude, position, checksum, serial
source: National Marine Electronics Association, 2018, "NMEA 0183 Standard for Interfacing Marine Electronic Devices", version 4.11
"""

from functools import reduce
from math import nan


def parse_nmea_gga(sentence: str) -> dict:
    """Fields of one GGA sentence.

    Inputs:
        sentence (str): the sentence from $ to its checksum, of any talker (GP, GN, ...)
    Outputs:
        fix (dict): time (seconds since midnight UTC), latitude and longitude (decimal degrees,
            north and east positive), quality (0 none, 1 GPS, 2 DGPS, 4 RTK), satellites, hdop,
            altitude (metres above mean sea level); NaN for what is missing
    """
    body, star, checksum = sentence.strip().lstrip("$").partition("*")
    if star:
        computed = reduce(lambda value, character: value ^ ord(character), body, 0)
        if not checksum.strip() or int(checksum.strip()[:2], 16) != computed:
            raise ValueError(f"the checksum should be {computed:02X}, not {checksum.strip()!r}")
    fields = body.split(",")
    if len(fields) < 10 or not fields[0].endswith("GGA"):
        raise ValueError(f"not a GGA sentence: {sentence.strip()!r}")
    clock = fields[1]
    time = nan
    if clock:
        time = int(clock[:2]) * 3600 + int(clock[2:4]) * 60 + float(clock[4:])
    return {
        "time": time,
        "latitude": _degrees(fields[2], fields[3]),
        "longitude": _degrees(fields[4], fields[5]),
        "quality": int(fields[6] or 0),
        "satellites": int(fields[7] or 0),
        "hdop": float(fields[8] or nan),
        "altitude": float(fields[9] or nan),
    }


def _degrees(angle: str, hemisphere: str) -> float:
    """Decimal degrees of (d)ddmm.mmmm; the minutes are the two digits before the point."""
    if not angle:
        return nan
    whole = angle.partition(".")[0]
    value = int(whole[:-2] or 0) + float(angle[len(whole) - 2 :]) / 60
    return -value if hemisphere in ("S", "W") else value


def check() -> None:
    """A known sentence, its mirror in the south-west, no fix, and a wrong checksum."""
    line = "$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47"
    fix = parse_nmea_gga(line + "\r\n")
    assert fix["time"] == 12 * 3600 + 35 * 60 + 19
    assert abs(fix["latitude"] - 48.1173) < 1e-9
    assert abs(fix["longitude"] - 11.516666667) < 1e-9
    assert (fix["quality"], fix["satellites"], fix["altitude"]) == (1, 8, 545.4)
    south = parse_nmea_gga("$GNGGA,001000.50,3351.500,S,00012.6,W,2,10,1.0,-3.2,M,,M,,")
    assert abs(south["latitude"] + 33.858333333) < 1e-9
    assert abs(south["longitude"] + 0.21) < 1e-9
    assert south["time"] == 600.5
    none = parse_nmea_gga("$GPGGA,,,,,,0,00,,,M,,M,,")
    assert none["quality"] == 0
    assert none["latitude"] != none["latitude"]
    for broken in (line.replace("08", "09"), "$GPRMC,1,2,3", ""):
        try:
            parse_nmea_gga(broken)
        except ValueError:
            continue
        raise AssertionError(f"{broken} was accepted")
