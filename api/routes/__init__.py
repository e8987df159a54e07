"""The public API, a file a matter. Routes translate between HTTP and the app; they decide nothing."""
