"""Sample data for when the user brings none: simulated, seeded, like what the sensor would give.

`SAMPLES` lists the modalities in the order in which a task is matched against them. ECG is not
simulated: a real recording ships in `gpiot_cli/data/ecg_sample`.
"""

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.random import Generator

from gpiot_cli.paths import PACKAGE

SEED = 20


@dataclass(frozen=True)
class Sample:
    """How to recognise a modality in a task, and how to write data of it."""

    task: str
    """A regular expression, matched without regard to case."""
    file: str
    write: Callable[[Path, Generator], None]
    meanings: dict[str, str] = field(default_factory=dict)
    """What its values are, by name, for the specifications."""


def modality_of(task: str) -> str:
    """The modality a task is about, "generic" where its words name none."""
    for modality, sample in SAMPLES.items():
        if re.search(sample.task, task, re.IGNORECASE):
            return modality
    return "generic"


def write_sample(modality: str, folder: Path) -> Path:
    """Write the modality's sample data into the folder; returns the file, or its folder."""
    sample = SAMPLES[modality]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / sample.file
    sample.write(path, np.random.default_rng(SEED))
    if sample.meanings:
        about = path.with_name(f"{path.stem}.meanings.json")
        about.write_text(
            json.dumps(sample.meanings, indent=1, ensure_ascii=False), encoding="utf-8"
        )
    return path


def _ecg(path: Path, rng: Generator) -> None:  # noqa: ARG001
    shutil.copytree(PACKAGE / "data" / "ecg_sample", path, dirs_exist_ok=True)


def _ppg(path: Path, rng: Generator) -> None:
    """60 s of fingertip PPG at 100 Hz: about 72 beats/min, breathing, one burst of motion."""
    fs, t = 100, _time(60, 100)
    beats = [0.5]
    while beats[-1] < 60:
        beats.append(
            beats[-1] + 0.83 + 0.05 * np.sin(2 * np.pi * 0.25 * beats[-1]) + rng.normal(0, 0.01)
        )
    onsets = np.array(beats)
    signal = 0.15 * np.sin(2 * np.pi * 0.25 * t) + 0.02 * rng.standard_normal(t.size)
    for onset in onsets:
        signal += _bump(t, onset + 0.18, 0.07) + 0.35 * _bump(t, onset + 0.42, 0.09)
    signal[30 * fs : 32 * fs] += 0.4 * np.sin(2 * np.pi * 3 * t[: 2 * fs])
    peaks = np.round((onsets + 0.18) * fs).astype(int)
    _table(path, fs, {"ppg": signal}, pulses=peaks[peaks < t.size])


def _respiration(path: Path, rng: Generator) -> None:
    """120 s of a chest belt at 25 Hz: 12 to 18 breaths/min, a slow drift, one apnoea."""
    t = _time(120, 25)
    phase = 2 * np.pi * np.cumsum(0.25 + 0.05 * np.sin(2 * np.pi * t / 60)) / 25
    belt = np.sin(phase) * (1 + 0.2 * np.sin(2 * np.pi * t / 40))
    belt[(t > 70) & (t < 82)] *= 0.05
    _table(path, 25, {"respiration": belt + 0.004 * t + 0.03 * rng.standard_normal(t.size)})


def _eeg(path: Path, rng: Generator) -> None:
    """60 s of four EEG channels at 250 Hz in uV: 10 Hz alpha in 20..40 s, blinks, 50 Hz hum."""
    t = _time(60, 250)
    alpha = (
        np.sin(2 * np.pi * 10 * t) * (1 + 0.3 * np.sin(2 * np.pi * 0.2 * t)) * ((t > 20) & (t < 40))
    )
    blinks = sum(_bump(t, centre, 0.1) for centre in (3.1, 7.4, 11.8, 16.2, 43.0, 48.5, 55.7))
    gains = {"fp1": (3, 120), "cz": (8, 12), "o1": (25, 3), "o2": (23, 3)}
    channels = {
        name: 10 * _pink(t.size, rng) + a * alpha + b * blinks + 2 * np.sin(2 * np.pi * 50 * t)
        for name, (a, b) in gains.items()
    }
    _table(path, 250, channels)


def _emg(path: Path, rng: Generator) -> None:
    """20 s of surface EMG at 1000 Hz in mV: five contractions of growing strength."""
    t = _time(20, 1000)
    strength = sum(0.15 * (i + 1) * ((t > 2 + 3.5 * i) & (t < 3.5 + 3.5 * i)) for i in range(5))
    noise = np.diff(rng.standard_normal(t.size + 1))
    _table(path, 1000, {"emg": noise * (0.02 + strength) + 0.03 * np.sin(2 * np.pi * 50 * t)})


def _eda(path: Path, rng: Generator) -> None:
    """180 s of skin conductance at 8 Hz in uS: a slow level and nine responses."""
    t = _time(180, 8)
    level = 4 + 0.5 * np.sin(2 * np.pi * t / 150) + 0.01 * rng.standard_normal(t.size)
    for onset in rng.uniform(5, 170, 9):
        after = np.clip(t - onset, 0, None)
        level += rng.uniform(0.3, 1.0) * 2.2 * (np.exp(-after / 4) - np.exp(-after / 0.8))
    _table(path, 8, {"eda": level})


def _accelerometer(path: Path, rng: Generator) -> None:
    """60 s of a pocket accelerometer at 50 Hz in m/s²: rest, walking at 1.8 steps/s, rest."""
    t = _time(60, 50)
    walks = ((t > 8) & (t < 52)).astype(float)
    step = 2 * np.pi * 1.8 * t
    axes = {
        "ax": 0.6 + walks * 1.2 * np.sin(step / 2 + 0.4),
        "ay": 9.6 + walks * (2.6 * np.sin(step) + 0.9 * np.sin(2 * step + 0.7)),
        "az": 1.7 + walks * 1.5 * np.sin(step + 1.1),
    }
    _table(
        path, 50, {name: axis + 0.15 * rng.standard_normal(t.size) for name, axis in axes.items()}
    )


def _imu(path: Path, rng: Generator) -> None:
    """60 s of a 6-axis IMU at 100 Hz (m/s², rad/s): rolling and pitching, with gyroscope bias."""
    t = _time(60, 100)
    roll, pitch = 0.5 * np.sin(2 * np.pi * 0.2 * t), 0.3 * np.sin(2 * np.pi * 0.13 * t + 0.5)
    axes = {
        "ax": -9.81 * np.sin(pitch),
        "ay": 9.81 * np.sin(roll) * np.cos(pitch),
        "az": 9.81 * np.cos(roll) * np.cos(pitch),
        "gx": np.gradient(roll, t) + 0.02,
        "gy": np.gradient(pitch, t) - 0.01,
        "gz": np.full(t.size, 0.015),
    }
    noise = {"a": 0.2, "g": 0.01}
    _table(path, 100, {k: v + noise[k[0]] * rng.standard_normal(t.size) for k, v in axes.items()})


def _gps(path: Path, rng: Generator) -> None:
    """10 min of positions at 1 Hz: a drive with two stops, 3 m of noise, four jumps."""
    t = _time(600, 1)
    speed = 12 * (1 - ((t > 150) & (t < 190))) * (1 - ((t > 400) & (t < 450)))
    heading = np.cumsum(0.004 + 0.02 * np.sin(2 * np.pi * t / 200))
    east, north = np.cumsum(speed * np.sin(heading)), np.cumsum(speed * np.cos(heading))
    error = 3 * rng.standard_normal((2, t.size))
    error[:, rng.choice(t.size, 4, replace=False)] += 120
    latitude = 51.04 + (north + error[0]) / 111_320
    longitude = 13.74 + (east + error[1]) / (111_320 * np.cos(np.radians(51.04)))
    _table(path, 1, {"latitude": latitude, "longitude": longitude}, decimals=7)


def _audio(path: Path, rng: Generator) -> None:
    """6 s of sound at 16 kHz: four speech-like bursts (voiced, formants), two beeps, noise."""
    from scipy.io import wavfile

    t = _time(6, 16000)
    sound = 0.004 * rng.standard_normal(t.size)
    for start, pitch in ((0.5, 120), (1.3, 130), (2.2, 115), (4.4, 140)):
        spoken = np.exp(-(((t - start - 0.25) / 0.18) ** 4)) * (1 + 0.4 * np.sin(2 * np.pi * 5 * t))
        for harmonic in range(1, 25):
            f = pitch * harmonic
            formants = sum(np.exp(-(((f - centre) / 150) ** 2)) for centre in (600, 1200, 2500))
            sound += 0.06 * spoken * (formants + 0.05) * np.sin(2 * np.pi * f * t)
    for start, pitch in ((3.2, 1000), (5.3, 2000)):
        sound += 0.2 * ((t > start) & (t < start + 0.3)) * np.sin(2 * np.pi * pitch * t)
    wavfile.write(path, 16000, (np.clip(sound, -1, 1) * 32767).astype(np.int16))


def _wifi_csi(path: Path, rng: Generator) -> None:
    """60 s of CSI amplitude, 30 subcarriers at 50 Hz: breathing at 15/min, walking in 40..50 s."""
    t, subcarriers = _time(60, 50), np.arange(30)[:, None]
    gain = 15 + 4 * np.sin(subcarriers / 5)
    breathing = 0.6 * np.sin(2 * np.pi * 0.25 * t + subcarriers / 10)
    walking = (
        ((t > 40) & (t < 50)) * 3 * np.sin(2 * np.pi * (6 * t + 2 * np.sin(t)) + subcarriers / 4)
    )
    csi = gain + breathing + walking + 0.25 * rng.standard_normal((30, t.size))
    np.savez(path, csi=csi, fs=50.0)


def _labelled_windows(path: Path, rng: Generator) -> None:
    """160 labelled windows of 3-axis motion, 2.56 s at 50 Hz in m/s²: X (160, 3, 128), y 0..3."""
    t = _time(2.56, 50)
    # rest, walking, running, shaking: step frequency in Hz and strength
    kinds = ((0.0, 0.0), (1.8, 2.0), (2.8, 6.0), (5.0, 4.0))
    y = np.repeat(np.arange(4), 40)
    rng.shuffle(y)
    windows = np.empty((160, 3, t.size), dtype=np.float32)
    for i, label in enumerate(y):
        f, strength = kinds[label]
        phase = 2 * np.pi * f * rng.uniform(0.9, 1.1) * t + rng.uniform(0, 2 * np.pi)
        moves = strength * rng.uniform(0.7, 1.3) * np.sin(phase + np.array([[0.0], [0.8], [1.6]]))
        windows[i] = (
            np.array([[0.5], [9.7], [1.0]]) + moves + 0.3 * rng.standard_normal((3, t.size))
        )
    np.savez(path, X=windows, y=y, fs=50.0)


def _wifi_windows(path: Path, rng: Generator) -> None:
    """160 labelled windows of CSI amplitude, 2.5 s at 100 Hz: X (160, 30, 250), y 0..3."""
    t, subcarriers = _time(2.5, 100), np.arange(30)[:, None]
    y = np.repeat(np.arange(4), 40)
    rng.shuffle(y)
    windows = np.empty((160, 30, t.size), dtype=np.float32)
    for i, label in enumerate(y):
        speed, strength = ((0.3, 0.3), (2.0, 1.5), (5.0, 2.5), (9.0, 2.0))[label]
        sway = np.sin(
            2 * np.pi * speed * rng.uniform(0.85, 1.15) * t + rng.uniform(0, 6) + subcarriers / 6
        )
        gain = 12 + 3 * np.sin(subcarriers / 5 + rng.uniform(0, 1))
        windows[i] = gain + strength * sway + 0.4 * rng.standard_normal((30, t.size))
    np.savez(path, X=windows, y=y, fs=100.0)


def _rssi(path: Path, rng: Generator) -> None:
    """5 min at 2 Hz of RSSI in dBm from four beacons in the corners of 10 m x 8 m, while walking."""
    t = _time(300, 2)
    x, y = 5 + 4 * np.sin(2 * np.pi * t / 120), 4 + 3 * np.sin(2 * np.pi * t / 75)
    corners = ((0, 0), (10, 0), (10, 8), (0, 8))
    beacons = {
        f"beacon{i + 1}": np.round(
            -45 - 20 * np.log10(np.hypot(x - cx, y - cy)) + 2.5 * rng.standard_normal(t.size)
        )
        for i, (cx, cy) in enumerate(corners)
    }
    _table(path, 2, {**beacons, "x": x, "y": y})


def _radar(path: Path, rng: Generator) -> None:
    """30 s of an FMCW radar (60 GHz, 3 GHz sweep), 20 chirps/s of 64 samples: a breathing person."""
    t = _time(30, 20)
    distance = 1.5 + 0.004 * np.sin(2 * np.pi * 0.27 * t) + 0.0003 * np.sin(2 * np.pi * 1.2 * t)
    samples = np.arange(64) / 64
    phase = 4 * np.pi / 3e8 * (60e9 + 3e9 * samples) * distance[:, None]
    wall = 0.5 * np.exp(1j * 4 * np.pi / 3e8 * (60e9 + 3e9 * samples) * 2.8)
    noise = rng.standard_normal((t.size, 64)) + 1j * rng.standard_normal((t.size, 64))
    chirps = (np.exp(1j * phase) + wall + 0.1 * noise).astype(np.complex64)
    np.savez(path, chirps=chirps, fs=20.0, carrier_hz=60e9, bandwidth_hz=3e9)


def _environment(path: Path, rng: Generator) -> None:
    """7 days of temperature in °C every 5 min: a daily cycle, noise, three faults."""
    t = _time(7 * 86400, 1 / 300)
    temperature = 21 + 3 * np.sin(2 * np.pi * (t / 86400 - 0.3)) + 0.2 * rng.standard_normal(t.size)
    temperature[400:404] += 9
    temperature[1100:1130] = temperature[1100]
    temperature[1700:1800] += np.linspace(0, 6, 100)
    _table(path, 1 / 300, {"temperature": temperature}, dates=True)


def _humidity(path: Path, rng: Generator) -> None:
    """7 days of temperature in °C and relative humidity in % every 10 min."""
    t = _time(7 * 86400, 1 / 600)
    cycle = np.sin(2 * np.pi * (t / 86400 - 0.3))
    columns = {
        "temperature": 22 + 4 * cycle + 0.2 * rng.standard_normal(t.size),
        "humidity": 50 - 12 * cycle + 1.0 * rng.standard_normal(t.size),
    }
    _table(path, 1 / 600, columns, dates=True)


def _air_quality(path: Path, rng: Generator) -> None:
    """5 days of CO2 in ppm, PM2.5 in ug/m³ and TVOC in ppb every 5 min, with cooking episodes."""
    t = _time(5 * 86400, 1 / 300)
    people = (t % 86400 > 8 * 3600) & (t % 86400 < 18 * 3600)
    cooking = sum(_bump(t % 86400, hour * 3600, 1500) for hour in (12.5, 18.8))
    columns = {
        "co2": 420 + 500 * _smooth(people, 12) + 10 * rng.standard_normal(t.size),
        "pm25": 8 + 45 * cooking + np.abs(2 * rng.standard_normal(t.size)),
        "tvoc": 120 + 300 * cooking + 60 * _smooth(people, 12) + 8 * rng.standard_normal(t.size),
    }
    _table(path, 1 / 300, columns, dates=True)


def _occupancy(path: Path, rng: Generator) -> None:
    """5 days of a room every minute: temperature in °C, light in lx, CO2 in ppm, occupancy 0/1."""
    t = _time(5 * 86400, 1 / 60)
    hour = t % 86400 / 3600
    present = ((hour > 8.5) & (hour < 12)) | ((hour > 13) & (hour < 17.5))
    daylight = np.clip(np.sin(np.pi * (hour - 6) / 14), 0, None)
    columns = {
        "temperature": 20 + 2 * _smooth(present, 90) + 0.05 * rng.standard_normal(t.size),
        "light": 80 * daylight + 400 * present + 5 * rng.random(t.size),
        "co2": 430 + 450 * _smooth(present, 60) + 8 * rng.standard_normal(t.size),
        "occupancy": present.astype(int),
    }
    _table(path, 1 / 60, columns, dates=True)


def _power(path: Path, rng: Generator) -> None:
    """24 h of a home's mains power in W every 10 s: base load, fridge, kettle, washing machine."""
    t = _time(86400, 0.1)
    power = 90 + 110 * ((t % 3000) < 1000) + 3 * rng.standard_normal(t.size)
    for start, seconds, watts in ((25200, 180, 2000), (45000, 240, 2050), (66000, 200, 2000)):
        power += watts * ((t >= start) & (t < start + seconds))
    washing = (t >= 50000) & (t < 55400)
    power += washing * (150 + 1900 * ((t - 50000) < 1200) + 80 * np.sin(2 * np.pi * t / 60))
    _table(path, 0.1, {"power": power}, dates=True)


def _packets(path: Path, rng: Generator) -> None:
    """60 hex frames: AA55, length, type, sequence, temperature (int16, 0.01 °C), CRC-16/MODBUS.

    Six are damaged in one bit.
    """
    frames = []
    for sequence in range(60):
        celsius = 2150 + int(300 * np.sin(sequence / 8)) + int(rng.integers(-20, 20))
        body = bytes([4, 0x01, sequence]) + celsius.to_bytes(2, "big", signed=True)
        frame = bytearray(b"\xaa\x55" + body + _crc16(body).to_bytes(2, "little"))
        if sequence % 10 == 7:
            frame[int(rng.integers(4, 7))] ^= 1 << int(rng.integers(0, 8))
        frames.append(frame.hex().upper())
    path.write_text("\n".join(frames) + "\n", encoding="utf-8")


def _messages(path: Path, rng: Generator) -> None:
    """80 MQTT-like JSON messages of four sensors, some late, some without a value."""
    lines = []
    for i in range(80):
        payload = {
            "value": round(20 + 3 * float(rng.standard_normal()), 2),
            "battery": 100 - i // 4,
        }
        if i % 17 == 5:
            payload.pop("value")
        sent = 1_700_000_000 + 30 * i - (90 if i % 23 == 11 else 0)
        topic = f"home/room{i % 4}/temperature"
        lines.append(json.dumps({"topic": topic, "timestamp": sent, "payload": payload}))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _nmea(path: Path, rng: Generator) -> None:
    """60 NMEA GGA sentences at 1 Hz; three have a wrong checksum."""
    lines = []
    for second in range(60):
        north, east = 2.4 + 0.0021 * second, 44.4 + 0.0013 * second
        body = f"GPGGA,1230{second:02d}.00,51{north:07.4f},N,013{east:07.4f},E,1,08,1.1,{112 + rng.normal():.1f},M,45.0,M,,"
        checksum = 0
        for character in body:
            checksum ^= ord(character)
        lines.append(f"${body}*{checksum ^ (second in (13, 29, 47)):02X}")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _vibration(path: Path, rng: Generator) -> None:
    """2 s of a bearing's vibration at 12 kHz in g: 30 Hz rotation, outer-race impacts at 107 Hz."""
    t = _time(2, 12000)
    since_impact = t % (1 / 107)
    ringing = np.exp(-since_impact * 900) * np.sin(2 * np.pi * 3200 * since_impact)
    shaft = 0.3 * np.sin(2 * np.pi * 30 * t) + 0.1 * np.sin(2 * np.pi * 60 * t)
    _table(path, 12000, {"vibration": shaft + 1.5 * ringing + 0.25 * rng.standard_normal(t.size)})


def _control(path: Path, rng: Generator) -> None:
    """20 min at 1 Hz of a heated tank in °C: setpoint, heater power 0..1, measured temperature."""
    t = _time(1200, 1)
    setpoint = np.where(t < 60, 20.0, np.where(t < 700, 40.0, 30.0))
    temperature, heater = np.full(t.size, 20.0), np.zeros(t.size)
    for i in range(1, t.size):
        heater[i] = np.clip(0.08 * (setpoint[i] - temperature[i - 1]) + 0.2, 0, 1)
        temperature[i] = temperature[i - 1] + (60 * heater[i - 1] - (temperature[i - 1] - 20)) / 150
    measured = temperature + 0.1 * rng.standard_normal(t.size)
    _table(path, 1, {"setpoint": setpoint, "heater": heater, "temperature": measured})


def _generic(path: Path, rng: Generator) -> None:
    """60 s of one sensor at 50 Hz: two oscillations, a drift, noise, five spikes."""
    t = _time(60, 50)
    signal = np.sin(2 * np.pi * 0.5 * t) + 0.5 * np.sin(2 * np.pi * 3 * t) + 0.01 * t
    signal += 0.2 * rng.standard_normal(t.size)
    signal[rng.choice(t.size, 5, replace=False)] += 5
    _table(path, 50, {"signal": signal})


CLASSES = r"recogni|classif|gesture|activit|exercise"

MOTION = {
    "X": "acceleration in m/s2, windows x axes x samples",
    "y": "activity of each window: 0 rest, 1 walking, 2 running, 3 shaking",
    "fs": "sampling rate of the windows in Hz",
}

SAMPLES: dict[str, Sample] = {
    "ecg": Sample(r"\b(ecg|ekg|electrocardio\w*|r-?peaks?|qrs|arrhythmia|mit-?bih)", "ecg", _ecg),
    "ppg": Sample(
        r"\b(ppg|photoplethysmo\w*|spo2|pulse (wave|rate|ox\w*)|oximet\w*|heart rate)",
        "ppg.csv",
        _ppg,
        {"signal": "raw fingertip PPG, higher means more blood, arbitrary unit"},
    ),
    "eeg": Sample(
        r"\b(eeg|electroencephalo\w*|brain|alpha (wave|rhythm)|eye blinks?)",
        "eeg.csv",
        _eeg,
        {
            "fp1": "EEG channel Fp1 in uV",
            "cz": "EEG channel Cz in uV",
            "o1": "EEG channel O1 in uV",
            "o2": "EEG channel O2 in uV",
        },
    ),
    "emg": Sample(
        r"\b(s?emg|electromyo\w*|muscle)", "emg.csv", _emg, {"signal": "raw surface EMG in mV"}
    ),
    "eda": Sample(
        r"\b(eda|gsr|galvanic|electrodermal|skin conduct\w*)",
        "eda.csv",
        _eda,
        {"signal": "skin conductance in uS"},
    ),
    "wifi_windows": Sample(
        rf"(?=.*\b(wi-?fi|csi))(?=.*({CLASSES}))",
        "csi_windows.npz",
        _wifi_windows,
        {
            "X": "WiFi CSI amplitude, windows x subcarriers x samples",
            "y": "activity of each window, class 0..3",
            "fs": "sampling rate of the windows in Hz",
        },
    ),
    "wifi_csi": Sample(
        r"\b(wi-?fi.*(csi|sensing|breath\w*|respir\w*)|csi|channel state)",
        "csi.npz",
        _wifi_csi,
        {"csi": "WiFi CSI amplitude, subcarriers x samples", "fs": "packets per second in Hz"},
    ),
    "radar": Sample(
        r"\b(radar|fmcw|mm-?wave|range.doppler|uwb)",
        "radar.npz",
        _radar,
        {
            "chirps": "complex FMCW beat signal, chirps x samples of a chirp",
            "fs": "chirps per second in Hz",
            "carrier_hz": "start frequency of a chirp in Hz",
            "bandwidth_hz": "frequency swept by a chirp in Hz",
        },
    ),
    "respiration": Sample(
        r"\b(respir\w*|breath\w*|apno?ea)",
        "respiration.csv",
        _respiration,
        {"signal": "stretch of a chest belt, higher means inhaled, arbitrary unit"},
    ),
    "rssi": Sample(
        r"\b(rssi|fingerprint\w*|beacons?|ble\b|bluetooth|trilaterat\w*|indoor (local|position)\w*|wi-?fi)",
        "rssi.csv",
        _rssi,
        {
            "beacon1": "RSSI in dBm of the beacon at (0, 0) m",
            "beacon2": "RSSI in dBm of the beacon at (10, 0) m",
            "beacon3": "RSSI in dBm of the beacon at (10, 8) m",
            "beacon4": "RSSI in dBm of the beacon at (0, 8) m",
            "x": "true position in m",
            "y": "true position in m",
        },
    ),
    "nmea": Sample(r"\bnmea\b", "nmea.txt", _nmea, {"lines": "NMEA 0183 sentences, one a line"}),
    "gps": Sample(
        r"\b(gps|gnss|trajector\w*|geo-?fenc\w*|latitude)",
        "gps.csv",
        _gps,
        {"latitude": "latitude in degrees", "longitude": "longitude in degrees"},
    ),
    "messages": Sample(
        r"\b(mqtt|json|coap|messages?)\b",
        "messages.jsonl",
        _messages,
        {"messages": "MQTT messages with topic, timestamp in s and payload"},
    ),
    "packets": Sample(
        r"\b(packets?|frames? (pars|decod)\w*|hex|modbus|crc|checksum|protocol|ads-?b|can bus|payload)",
        "packets.txt",
        _packets,
        {
            "lines": "frames in hex: AA55, length (1 byte), type, sequence, temperature (int16, 0.01 degC, big endian), CRC-16/MODBUS of length to temperature (little endian)"
        },
    ),
    "vibration": Sample(
        r"\b(vibrat\w*|bearings?|gearbox|rotat\w* machine\w*|motor fault)",
        "vibration.csv",
        _vibration,
        {"signal": "acceleration of a bearing's housing in g"},
    ),
    "imu": Sample(
        r"\b(imu|gyro\w*|orientation|attitude|roll and pitch|complementary filter|madgwick|6-?axis)",
        "imu.csv",
        _imu,
        {
            "ax": "acceleration along x in m/s2",
            "ay": "acceleration along y in m/s2",
            "az": "acceleration along z in m/s2",
            "gx": "angular velocity about x in rad/s",
            "gy": "angular velocity about y in rad/s",
            "gz": "angular velocity about z in rad/s",
        },
    ),
    "motion_windows": Sample(
        rf"(?=.*\b(activit\w*|gestures?|exercises?|har|acceler\w*|inertial))(?=.*({CLASSES}|\bhar\b))",
        "motion_windows.npz",
        _labelled_windows,
        MOTION,
    ),
    "accelerometer": Sample(
        r"\b(acceler\w*|steps?|pedomet\w*|gait|walk\w*|falls?|tremor|inertial|cadence)\b",
        "accelerometer.csv",
        _accelerometer,
        {
            "ax": "acceleration along x in m/s2, gravity included",
            "ay": "acceleration along y in m/s2, gravity included",
            "az": "acceleration along z in m/s2, gravity included",
        },
    ),
    "audio": Sample(
        r"\b(audio|sound|speech|voice|acoustic\w*|microphone|spoken|keyword spotting|mfcc|ultraso\w*|sonar|music)",
        "audio.wav",
        _audio,
    ),
    "occupancy": Sample(
        r"\b(occupan\w*|presence|room usage)",
        "occupancy.csv",
        _occupancy,
        {
            "temperature": "room temperature in degC",
            "light": "illuminance in lx",
            "co2": "CO2 in ppm",
            "occupancy": "whether someone is there, 0 or 1",
        },
    ),
    "air_quality": Sample(
        r"\b(air quality|co2|pm ?2\.?5|voc|tvoc|pollut\w*|gas sensor)",
        "air_quality.csv",
        _air_quality,
        {
            "co2": "CO2 in ppm",
            "pm25": "PM2.5 in ug/m3",
            "tvoc": "volatile organic compounds in ppb",
        },
    ),
    "power": Sample(
        r"\b(power|energy|electricity|appliances?|nilm|load disaggreg\w*|smart meter)",
        "power.csv",
        _power,
        {"signal": "mains power of a home in W"},
    ),
    "control": Sample(
        r"\b(pid|control(ler|ling)?|setpoint|actuator|hysteresis|step response|system identification)\b",
        "control.csv",
        _control,
        {
            "setpoint": "wanted temperature in degC",
            "heater": "heater power, 0..1 of its maximum",
            "temperature": "measured temperature in degC",
        },
    ),
    "humidity": Sample(
        r"\b(humid\w*|dew point|comfort|hvac)",
        "climate.csv",
        _humidity,
        {"temperature": "temperature in degC", "humidity": "relative humidity in %"},
    ),
    "temperature": Sample(
        r"\b(temperature|thermal|thermometer|climate|weather)",
        "temperature.csv",
        _environment,
        {"signal": "temperature in degC"},
    ),
    "classification": Sample(
        r"\b(classif\w*|train\w*|neural|quanti[sz]\w*|edge|machine learning|inference)",
        "motion_windows.npz",
        _labelled_windows,
        MOTION,
    ),
    "generic": Sample(r"$^", "signal.csv", _generic),
}


def _time(seconds: float, fs: float) -> np.ndarray:
    return np.arange(round(seconds * fs)) / fs


def _bump(t: np.ndarray, centre: float, width: float) -> np.ndarray:
    return np.asarray(np.exp(-(((t - centre) / width) ** 2)))


def _smooth(signal: np.ndarray, length: int) -> np.ndarray:
    """Approach `signal` exponentially, as CO2 and warmth follow people."""
    kernel = np.exp(-np.arange(6 * length) / length)
    return np.convolve(signal, kernel / kernel.sum())[: signal.size]


def _pink(size: int, rng: Generator) -> np.ndarray:
    """1/f noise of unit variance."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    spectrum /= np.sqrt(np.maximum(np.arange(spectrum.size), 1))
    noise = np.fft.irfft(spectrum, size)
    return np.asarray(noise / noise.std())


def _crc16(data: bytes) -> int:
    crc = 0xFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ 0xA001 if crc & 1 else crc >> 1
    return crc


def _table(
    path: Path,
    fs: float,
    columns: Mapping[str, np.ndarray],
    *,
    dates: bool = False,
    decimals: int = 5,
    **reference: np.ndarray,
) -> None:
    """Write a CSV with a time column, and what is true about it in `NAME.reference.json`."""
    rows = len(next(iter(columns.values())))
    if dates:
        seconds = pd.to_timedelta(np.round(np.arange(rows) / fs), unit="s")
        frame = pd.DataFrame({"timestamp": pd.Timestamp("2024-03-04 00:00:00") + seconds})
    else:
        frame = pd.DataFrame({"time_s": np.round(np.arange(rows) / fs, 9)})
    for name, values in columns.items():
        frame[name] = values.round(decimals)
    frame.to_csv(path, index=False)
    if reference:
        known = {name: indices.tolist() for name, indices in reference.items()}
        path.with_name(f"{path.stem}.reference.json").write_text(json.dumps(known))
