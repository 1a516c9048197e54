"""One step of a PID controller with anti-windup and a derivative that ignores setpoint jumps.

Use it in a loop that runs every `dt` seconds: heating, motors, valves, lighting. The output is
limited; while it is at a limit the integral only moves away from it, so it does not wind up. The
derivative is taken of the measurement. The state goes in and comes out, nothing is remembered
elsewhere. A missing measurement (NaN) repeats the last output.

topic: control
modality: generic, temperature, light
keywords: pid, controller, feedback, anti-windup, setpoint, integral, derivative, regulation
source: K. J. Astrom and T. Hagglund, 2006, "Advanced PID Control", ISA, chapter 3
"""

from math import isfinite


def pid_control(
    setpoint: float,
    measured: float,
    dt: float,
    state: dict,
    kp: float = 1.0,
    ki: float = 0.0,
    kd: float = 0.0,
    low: float = 0.0,
    high: float = 1.0,
) -> tuple[float, dict]:
    """Controller output and the state for the next step.

    Inputs:
        setpoint (float): wanted value
        measured (float): measured value, same units
        dt (float): seconds since the last step, above 0
        state (dict): state returned by the last step; {} at the start
        kp (float): proportional gain, output per unit of error
        ki (float): integral gain, output per unit of error and second
        kd (float): derivative gain, output per unit per second
        low (float): lowest output
        high (float): highest output
    Outputs:
        output (float): control signal between low and high
        state (dict): integral, measured and output, for the next step
    """
    if not dt > 0 or not low < high:
        raise ValueError("dt must be positive and low below high")
    integral = state.get("integral", 0.0)
    if not (isfinite(measured) and isfinite(setpoint)):
        return state.get("output", low), dict(state)
    error = setpoint - measured
    slope = (measured - state.get("measured", measured)) / dt
    grown = integral + ki * error * dt
    wanted = kp * error + grown - kd * slope
    output = min(max(wanted, low), high)
    # Integrate unless that would push an output at its limit further beyond it.
    if wanted == output or (wanted - output) * ki * error < 0:
        integral = grown
    return output, {"integral": integral, "measured": measured, "output": output}


def check() -> None:
    """A heated room reaches its setpoint without offset; windup costs no overshoot."""
    temperature, state = 10.0, {}
    trace = []
    for _ in range(3000):
        power, state = pid_control(21.0, temperature, 1.0, state, kp=0.2, ki=0.002)
        assert 0 <= power <= 1
        temperature += (power * 20 - (temperature - 10.0)) / 200.0
        trace.append(temperature)
    assert abs(trace[-1] - 21.0) < 0.01
    assert max(trace) < 21.5
    output, state = pid_control(5.0, 4.0, 0.5, {}, kp=2, ki=1, kd=1, low=-10, high=10)
    assert output == 2.5
    output, state = pid_control(5.0, 4.5, 0.5, state, kp=2, ki=1, kd=1, low=-10, high=10)
    assert output == 1.0 + 0.75 - 1.0
    assert pid_control(5.0, float("nan"), 0.5, state)[0] == output
