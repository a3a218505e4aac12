"""What ``outlay explain`` tells about runs and about writing files."""

from __future__ import annotations

from outlay.findings import Entry

ENTRIES: dict[str, Entry] = {
    "R001": Entry(
        title="No run of the kind that is needed",
        severity="error",
        meaning=(
            "This command reads what an earlier command found, and no finished run of that kind is in the runs folder. "
            "The message lists the runs that are there. A run that was interrupted leaves nothing, so a fit that was "
            "stopped half-way does not count."
        ),
        repair=(
            "Run the command that the message names first (`outlay fit` for a fit, `outlay plan` for a plan). If the "
            "runs are in another folder, start outlay in the folder of the project file, or name the run by its path "
            "with `--run`."
        ),
    ),
    "R002": Entry(
        title="A run's name that fits no run, or several",
        severity="error",
        meaning=(
            "`--run` takes the id of a run, the beginning of an id that fits only one run, or the path of a run's "
            "folder. What was given fits none of the runs that the message lists, or more than one, or it is a path "
            "that holds no run. Paths that step up with '..' are refused, so that a name cannot lead out of a folder."
        ),
        repair=(
            "Copy the id from `outlay runs`, or give enough of its beginning to tell it apart. Leave `--run` out to "
            "take the latest run of the kind that the command needs."
        ),
    ),
    "R003": Entry(
        title="A damaged run or an unreadable file in it",
        severity="error",
        meaning=(
            "Every run has a manifest with the size and the sha256 of each of its files. One of them is missing, cut "
            "short or changed since it was written, or the manifest itself is. Numbers from such a run cannot be "
            "trusted, so it is refused; if it is the latest of its kind, an older run is not taken in its place "
            "without a word. Copies that broke off, sync tools and edits by hand are the usual causes."
        ),
        repair=(
            "Restore the folder from a copy, or delete it and run the command again: with the same data and the same "
            "seed the tables come out the same. An older run can be named with `--run`. Where it happens again, check "
            "the disk."
        ),
    ),
    "R004": Entry(
        title="A run in the format of another version",
        severity="error",
        meaning=(
            "The run was written by a version of outlay whose files mean something else than this version would read "
            "in them; the message gives both format versions. The format number rises only when an older reader would "
            "misread a run, so most updates never lead here."
        ),
        repair=(
            "Where the run is newer, install the version of outlay that wrote it (the manifest names it under "
            "'versions'). Otherwise write the run again with the version that is installed."
        ),
    ),
    "R005": Entry(
        title="The run could not be written",
        severity="error",
        meaning=(
            "The runs folder cannot be written to, or the disk is full. A run is written beside its place and moved "
            "into it at the end, so no half-written run is left and older runs are as they were. The work of this "
            "command is lost."
        ),
        repair=(
            "Free space, or give yourself permission to write to the folder that the message names, and run the "
            "command again. A fit's run takes a few megabytes."
        ),
    ),
    "R006": Entry(
        title="A file that the run does not hold",
        severity="error",
        meaning=(
            "The command needs a file that this run was written without; the message lists what it holds. It happens "
            "with runs of an older version, from before that result was kept."
        ),
        repair="Write the run again with this version, or name a newer run with `--run`.",
    ),
    "R007": Entry(
        title="A run of another kind",
        severity="error",
        meaning=(
            "`--run` names a run that exists, but the command needs one of another kind: a report of a fit cannot be "
            "made from a plan, for instance."
        ),
        repair=(
            "Leave `--run` out to take the latest run of the right kind, or pick one from `outlay runs`. A plan's "
            "manifest names the fit that it was made from under 'parents'."
        ),
    ),
    "R008": Entry(
        title="A file could not be written",
        severity="error",
        meaning=(
            "The report or table could not be written where you asked. It is written beside its place and moved into "
            "it at the end, so an older file of that name is still whole."
        ),
        repair="Name another place, free space or give yourself permission to write there, and run the command again.",
    ),
    "R009": Entry(
        title="The runs folder is locked",
        severity="error",
        meaning=(
            "Another process is giving its run a name and has held the lock for a minute; normally it takes some "
            "milliseconds. The process may be stopped, or the file system that both use may hang."
        ),
        repair=(
            "See whether another outlay still runs, wait for it or end it, and run the command again. The system frees "
            "the lock when its holder ends, so the file '.lock' need not be deleted."
        ),
    ),
    "R010": Entry(
        "An object cannot be written",
        "error",
        "The report, workbook or publication goes to cloud storage, and the store refused it. Objects are written "
        "whole: the one that was there before is as it was.",
        "Check the bucket's name, and that the credentials of this process may write to it; then run the command "
        "again.",
    ),
}
