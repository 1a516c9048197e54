"""What all tests run under."""

import signal

# A job that a shell starts in the background ignores SIGINT, and so would the programs that tests
# start and interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
