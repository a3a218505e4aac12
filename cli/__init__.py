"""The command line: project file, commands and reports, thin over the other packages."""
