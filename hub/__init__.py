"""The one place that knows everything: settings, wiring, command line and HTTP."""
