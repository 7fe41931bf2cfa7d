"""The process: settings, the database, HTTP and the command line."""
