"""Entries of the project file's ids (C0xx): what ``outlay explain`` tells about each."""

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "C001": Entry(
        "No project file",
        "error",
        "Every command reads a project file that says which table to read and what its columns mean. There is none at "
        "the place that was looked at: `outlay.toml` in the current folder unless another is named.",
        "Change to the project's folder, name the file with --project, or let `outlay init` write a first one from "
        "your table.",
    ),
    "C002": Entry(
        "Project file cannot be read",
        "error",
        "The project file exists but its text cannot be read: it is a folder, the permission is missing, or its "
        "characters are not UTF-8, the only encoding that TOML knows. Some editors save UTF-16 or a regional encoding.",
        "Save the file as UTF-8 (with or without byte order mark) and see that you may read it.",
    ),
    "C003": Entry(
        "Project file is not valid TOML",
        "error",
        "The file breaks the rules of TOML at the line and column shown, so nothing in it can be trusted. The usual "
        "causes are text without quotes, a missing closing quote or bracket, and backslashes of Windows paths.",
        "Mend the line shown. Text stands in quotes; numbers, true, false and dates such as 2025-01-06 do not. Write "
        "paths with forward slashes or in 'single quotes'.",
    ),
    "C004": Entry(
        "Unknown section",
        "error",
        "The file holds a section or a loose key that Outlay does not know. It is refused rather than passed over, "
        "because a misspelt section would otherwise silently leave its whole content out of the answer.",
        "Correct the name as suggested, or remove the section. `outlay schema` lists every section and key.",
    ),
    "C005": Entry(
        "Unknown key",
        "error",
        "A section holds a key that it does not have. It is refused rather than passed over, because a misspelt key "
        "would silently leave a default in force that you meant to change.",
        "Correct the name as suggested, or remove the line. `outlay schema` lists every section and key.",
    ),
    "C006": Entry(
        "Value not allowed",
        "error",
        "A key holds a value of the wrong kind, outside its range, or in contradiction to another key. Values are "
        'never converted: "0.9" in quotes is text and not a number, 1 is not true.',
        "Write a value as the message says. `outlay schema` tells kind, range and default of every key.",
    ),
    "C007": Entry(
        "Missing key or section",
        "error",
        "A section, or a key without a default, is missing. Outlay does not guess what only you can know, such as the "
        "column that holds the KPI.",
        "Add the key or section that the message names. `outlay schema` lists what each section needs.",
    ),
    "C009": Entry(
        "Key or section given twice",
        "error",
        "The same key or section stands in the file twice, and only one can hold. TOML forbids it, and choosing one "
        "silently could choose the wrong one.",
        "Keep one of the two. Several channels are written as [[media.channels]], with two brackets, once per channel.",
    ),
    "C010": Entry(
        "Table's file not found",
        "error",
        "There is no file where the project file says the table is. Relative paths start at the folder of the project "
        "file, not at the folder in which the command is run.",
        "Correct the path in `source`; the message shows the full path looked at and files nearby with like names.",
    ),
    "C011": Entry(
        "Source of another kind",
        "error",
        "This version reads CSV and Parquet files, on disk or in cloud storage (s3://, gs://, az://), DuckDB "
        "databases, and tables of PostgreSQL and Spark. Spreadsheets, compressed files, web addresses and other "
        "database servers are not among them.",
        "Save the table as CSV (UTF-8) or Parquet, or bring it into a DuckDB file: duckdb:///file.db?table=name.",
    ),
    "C012": Entry(
        "Source address incomplete",
        "error",
        "A database source is an address that ends in the name of one table or view: duckdb:///file.db?table=name "
        "(three slashes and a path relative to the project file, or four slashes and a full path), "
        "postgresql://user@host:5432/database?table=name, or spark:///?table=name.",
        "Write the source as duckdb:///file.db?table=name, or ?table=schema.name.",
    ),
    "C013": Entry(
        "No such table in the database",
        "error",
        "The database was opened and does not hold the table or view that the source names. Names are taken as they "
        "are written.",
        "Correct the name after ?table=; the message lists the tables that the database holds.",
    ),
    "C014": Entry(
        "Password in an address",
        "error",
        "A source names a server together with a password. The project file is kept with every run and shared with "
        "colleagues, so a secret does not belong in it, and the address is refused before anything is sent.",
        "Leave the password out: postgresql://user@host/database?table=name. PostgreSQL's driver takes it from the "
        "environment variable PGPASSWORD, from ~/.pgpass or from a service file, Spark its tokens from its own "
        "configuration.",
    ),
    "C015": Entry(
        "A driver is not installed",
        "error",
        "Tables of PostgreSQL and Spark are read by drivers that do not come with Outlay itself. Most projects need "
        "neither: files and DuckDB databases are read without them.",
        "Install pip install 'outlay[postgres]' or pip install 'outlay[spark]' (which needs Java too), or export the "
        "table to Parquet.",
    ),
    "C016": Entry(
        "Object address incomplete",
        "error",
        "An object in cloud storage is named by its store, its bucket and its path: s3://bucket/media/weekly.parquet. "
        "Credentials come from the environment, the store's own files or the machine's role, not from the address.",
        "Write the address as s3://bucket/path/file.csv (gs:// for Google, az:// or abfs:// for Azure).",
    ),
    "C017": Entry(
        "The package for a store is not installed",
        "error",
        "Objects are read and written through fsspec, which takes a package for each kind of store: s3fs for s3://, "
        "gcsfs for gs://, adlfs for az:// and abfs://. They do not come with Outlay itself.",
        "Install the one that the message names beside outlay (pip install s3fs), or copy the object to a file.",
    ),
    "C020": Entry(
        "A model that the kernel cannot sample",
        "error",
        'engine = "kernel" asks for the compiled density, which knows Gaussian noise, on the KPI or on its logarithm, '
        "and every adstock, saturation and hierarchy. What stands in the way is in the message.",
        'Write engine = "auto": the kernel then runs wherever it can, and PyMC elsewhere, with the same results.',
    ),
    "C021": Entry(
        "The extra for the engine jax is not installed",
        "error",
        'engine = "jax" samples with NumPyro in JAX, which can use a GPU. Neither comes with Outlay itself, because '
        "they are large and most fits are quicker without them.",
        "Install them with pip install 'outlay[jax]' (in a checkout: make jax); for a GPU also JAX's own extra for it, "
        "such as pip install 'jax[cuda13]'. Or take engine = \"auto\", which needs nothing more.",
    ),
    "C022": Entry(
        "The engine jax without double precision",
        "error",
        "The density of a media-mix model adds and subtracts numbers that nearly cancel. With 32 bits the sampler sees "
        "noise instead of slopes, takes tiny steps or diverges, so such a fit is refused and not merely slow.",
        "Leave PyTensor's floatX at float64 (see PYTENSOR_FLAGS and .pytensorrc), and take a device that has 64-bit "
        "numbers: CPUs and NVIDIA GPUs do. JAX_PLATFORMS=cpu runs on the CPU.",
    ),
    "C023": Entry(
        "No segments to take labels from",
        "error",
        "[leads.labels] gives each lead the segment of its customer, as a run of `outlay segment` found it. There is "
        "no such run beside the project file, the one that is named is not there, or its customers have no ids of "
        "their own.",
        "Run `outlay segment` first. It needs [customers] with `id`, the column that names a customer; the same names "
        "stand in the column that `customer` of [leads.labels] says.",
    ),
}
