"""GPIoT CLI: IoT program synthesis and device operation recommendation on your own machine."""

__version__ = "0.1.0"
