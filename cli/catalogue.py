"""Findings and refusals of the command line itself, by id."""

from __future__ import annotations

from outlay.findings import Catalogue, Entry

CATALOGUE = Catalogue(
    {
        "X001": Entry(
            "A file is already there",
            "error",
            "The command would have had to overwrite something that you may have edited. Outlay never overwrites a "
            "project file, a report of your own or a folder that is not empty.",
            "Name another file or folder, or move the old one away first.",
        ),
        "X002": Entry(
            "Nothing is known under this id",
            "error",
            "Every finding and refusal has an id of a letter and three digits, printed before its text. The one that "
            "was asked for is not among them.",
            "Run `outlay explain` without an id for the whole list.",
        ),
        "X003": Entry(
            "A file or folder may not be used",
            "error",
            "The operating system refused to read or write this path. Nothing was changed.",
            "Check the permissions of the path, or work in a folder that you may write to. `outlay doctor` lists which "
            "folders are writable.",
        ),
        "X004": Entry(
            "The disk is full",
            "error",
            "There was no room to write. A run appears as a whole or not at all, so older runs are untouched and no "
            "half run is left.",
            "Free some space (a run takes a few MB) and run the command again.",
        ),
        "X005": Entry(
            "Not enough memory",
            "error",
            "The machine could not give the memory that the work needs.",
            "Close other programs, or reduce `[media.sampling] chains` and `draws`, or aggregate the data to weeks.",
        ),
        "X006": Entry(
            "No role could be proposed",
            "error",
            "`outlay init` guesses the date, the KPI and the spend columns from their names and found no candidate for "
            "one of them, so that the file it writes would not be a beginning.",
            "Run `outlay init` without `--from` for a commented template and fill in the column names yourself.",
        ),
        "X007": Entry(
            "Options that do not go together",
            "error",
            "The command line asks for two things that exclude each other, such as a fixed budget beside an objective "
            "that looks for the total, or two scenarios under one name.",
            "Leave one of the two out. The command's `--help` says what each option takes.",
        ),
        "X041": Entry(
            "The logo may not be used",
            "error",
            "`[report] logo` names a picture that becomes part of the page: PNG, JPEG or SVG, 512 kB at most. One "
            "(SVG) that holds scripts, handlers, entities or references to other files is refused, because a report "
            "travels to people who cannot know who made it.",
            "Name a PNG, JPEG or plain SVG file of 512 kB at most, relative to the project file.",
        ),
        "X042": Entry(
            "No browser that makes a PDF",
            "error",
            "`outlay report --pdf` lets a browser of the Chromium family print the page, without a window and without "
            "the network. None was found, or OUTLAY_CHROMIUM names something else. The HTML file needs none "
            "of this: any browser prints it.",
            "Install Chromium (Debian: apt install chromium; macOS: brew install --cask chromium), Chrome or Edge, or "
            "name one with OUTLAY_CHROMIUM=/path/to/chromium. Or print the HTML file from your browser.",
        ),
        "X043": Entry(
            "The browser made no PDF",
            "error",
            "The browser that should print the report ended with an error, or took longer than two minutes. The HTML "
            "file was written before and is whole.",
            "Print the HTML file from a browser with a window, or name another browser with OUTLAY_CHROMIUM.",
        ),
        "X044": Entry(
            "The report cannot be compared with this run",
            "error",
            "`outlay report --compare RUN` tells what changed since an earlier fit of the same outcome. The run that "
            "was named is the report's own fit, a later one, or one in another currency, or it lacks the panel that a "
            "fit keeps.",
            "Name an earlier fit of the same series: `outlay runs list` shows them with their dates.",
        ),
        "X045": Entry(
            "The report would be empty",
            "error",
            "`[report] sections` names only sections that have nothing to tell yet: each is made from a run, such as "
            "`plan` from `outlay plan` and `scorecard` from `outlay scorecard`, and `changes` needs `--compare`.",
            "Make the runs that these sections tell of, or name others such as summary and returns.",
        ),
        "X051": Entry(
            "Not a database to write to",
            "error",
            "`outlay export db` writes into a DuckDB file or a PostgreSQL database. The address behind `--to` is of "
            "another kind, names no file, or names a schema in letters that a database would need quotes for.",
            "Write --to duckdb:///results.db or --to postgresql://user@host:5432/database. Relative files start at the "
            "folder in which the command is run.",
        ),
        "X052": Entry(
            "The database is in use",
            "error",
            "Another process holds the DuckDB file, or another export into the same schema of a PostgreSQL database "
            "has not ended. DuckDB lets one process write, and none read meanwhile. Nothing was changed.",
            "Close the program that has the database open (a BI tool, a notebook, another export) and run the command "
            "again. Where people read at all times, write to PostgreSQL, or copy the DuckDB file for them.",
        ),
        "X053": Entry(
            "The database refuses to be written to",
            "error",
            "The database was opened, or found, and did not take what was written: the user may not make tables there, "
            "the disk is full, the connection broke, or the file is of another kind. Everything is written in one "
            "transaction, so the database is as it was before.",
            "Read what the database says. A user of PostgreSQL needs CREATE on the database once, or on a schema that "
            "is made for him and named with ?schema=name.",
        ),
        "X054": Entry(
            "The schema in the database is of another version",
            "error",
            "The schema holds tables that another version of outlay made, or tables with our names that outlay did not "
            "make, or some of its tables or views were dropped. Nothing was changed.",
            "Update outlay, or write into another schema: --to 'postgresql://host/database?schema=outlay2'. The old "
            "schema can be dropped once nothing reads it: every run can be exported again.",
        ),
        "X055": Entry(
            "This run has no facts for a database",
            "error",
            "Facts are made from runs of fit, plan, scorecard, convert and segment. The run that was named is of "
            "another kind, or the folder holds no run of these kinds.",
            "Name another run (`outlay runs` lists them), or leave --run out for the latest of each kind.",
        ),
        "X061": Entry(
            "A workbook that cannot be read",
            "error",
            "`outlay plan --from` and the planner's page read workbooks that Outlay wrote (XLSX): sheets of plans, and "
            "the hidden sheet Outlay that knows what their yellow cells held. This file is another kind of workbook, "
            "is damaged or protected by a password, lost that sheet, or is far larger than such a workbook.",
            "Write a workbook with `outlay export xlsx` or on the page, edit its yellow cells, and save it as XLSX.",
        ),
        "X062": Entry(
            "A cell of the workbook cannot be used",
            "error",
            "The message names sheet and cell. The yellow cells of a plan's sheet take amounts from 0 (totals over the "
            "window), dates, and names of objectives; an empty limit is no limit. A formula counts as the value that "
            "the spreadsheet gave it. All cells that cannot be used are told at once.",
            "Correct the cells that are named, save, and read the workbook again.",
        ),
        "X071": Entry(
            "The scenarios cannot be opened",
            "error",
            "The planner's page keeps scenarios in scenarios.sqlite beside the project file. The file could not be "
            "opened or written: another program holds it, the disk is full, the folder is read-only, or it is "
            "damaged. A save is kept whole or not at all.",
            "Check the folder's permissions and the disk, close other programs that hold the file, and save again.",
        ),
        "X072": Entry(
            "The file of scenarios is of another version",
            "error",
            "scenarios.sqlite holds tables that another version of outlay made, or that another program made. Nothing "
            "in it was changed, because writing into it would mix two meanings.",
            "Use the version of outlay that wrote it, or move the file away: the page then begins an empty one.",
        ),
        "X073": Entry(
            "The page only reads",
            "error",
            "The planner's page was started with --read-only: one can look at scenarios and plan with them, and "
            "nothing is kept. The server refuses, not only the buttons.",
            "Start `outlay serve` without --read-only, or keep the plan as a workbook.",
        ),
        "X074": Entry(
            "No such scenario",
            "error",
            "A link or a list named a scenario, or a version of one, that is not in scenarios.sqlite, or one that was "
            "deleted meanwhile. Deleted scenarios stay in the file with all of their versions.",
            "Open the list of scenarios and show deleted ones: they can be brought back there.",
        ),
        "X075": Entry(
            "A name or note that cannot be kept",
            "error",
            "A scenario's name is one line of visible text with 80 letters at most; a note has 1,000 at most. Whatever "
            "it says stays text: it never becomes a path, a formula or a part of the page.",
            "Type a shorter name of one line, such as: Spring push.",
        ),
        "X076": Entry(
            "The file that was uploaded cannot be taken",
            "error",
            "The planner's page takes a workbook that `outlay export xlsx` or the page made, of 5 MB at most. What was "
            "uploaded is larger, is no workbook, or did not arrive whole. Nothing in it was run or kept.",
            "Save the workbook as .xlsx, without pictures or added sheets of data, and upload it again.",
        ),
        "X081": Entry(
            "The page cannot be served there",
            "error",
            "`outlay serve` listens on an address and a port of this machine. Another program holds the port (often an "
            "earlier `outlay serve`), or the address is not this machine's, or the port needs rights that you lack.",
            "Name another port with --port (0 takes a free one), or end the program that holds it.",
        ),
        "X082": Entry(
            "The token is too short",
            "error",
            "On any address but loopback, whoever has the token can plan. OUTLAY_TOKEN states one that could be "
            "guessed by trying.",
            "State one of 16 characters or more, or unset OUTLAY_TOKEN: outlay serve then makes a token and prints the "
            "link with it.",
        ),
        "X083": Entry(
            "The page opens no other tables",
            "error",
            "A reference plan may be a table: a file, or one on a server. Only the project file can name it. A "
            "question from the planner's page, or a scenario saved under another project file, named another one, and "
            "this machine opens no tables for whoever reaches the page.",
            'Compare with "last" or "last_year", or name the table in [plan] reference of the project file.',
        ),
        "X090": Entry(
            "The demo data are missing from this installation",
            "error",
            "`outlay demo` copies the bundled retailer example. The folder that the package carries for it was removed "
            "or the checkout lacks examples/retailer.",
            "Install again (`pip install --force-reinstall --no-deps outlay`), or in a checkout run "
            "`git checkout -- examples/retailer`.",
        ),
        "X091": Entry(
            "Another refresh has not ended",
            "error",
            "`outlay refresh` works on a project alone, so that two of them do not publish over each other. "
            "Another one holds the project's lock: a job that takes longer than the time between two starts, or one by "
            "hand.",
            "Wait for it to end, or start jobs further apart. The lock goes with the process that holds it.",
        ),
        "X092": Entry(
            "A refresh cannot publish there",
            "error",
            "`[refresh] publish` names a folder, from the project file's folder, or a place in cloud storage behind "
            "s3://, gs:// or az://. Another kind of address was named. It is looked at before anything is done.",
            'Write publish = "reports/latest", or publish = "s3://bucket/outlay".',
        ),
    }
)
