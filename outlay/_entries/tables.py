"""Entries of the table reader's ids (D0xx): what ``outlay explain`` tells about each."""

from outlay.findings import Entry

_FILE: dict[str, Entry] = {
    "D001": Entry(
        "Encoding not known",
        "error",
        "The file holds bytes that are not UTF-8, and it has no byte order mark that names another encoding. Regional "
        "encodings cannot be told apart from their bytes: the same byte is a different letter in each, so a guess "
        "would quietly change the names of channels and groups.",
        'Save the file as "CSV UTF-8", or state its encoding under csv in the project file: encoding = "latin-1" '
        '(or "cp1252" for files from Excel on Windows).',
    ),
    "D002": Entry(
        "Separator not known",
        "error",
        "More than one of comma, semicolon, tab and bar would split the file into columns. A wrong choice would cut "
        "numbers in two, so none is made.",
        'State it under csv in the project file, for example separator = ";" (a tab is written "\\t").',
    ),
    "D003": Entry(
        "Empty file",
        "error",
        "The file holds nothing at all, not even a header. An export that was interrupted often leaves such a file.",
        "Export the table again and see that the first line holds the column names.",
    ),
    "D004": Entry(
        "No rows",
        "error",
        "The table has a header and no rows below it, so there is nothing to learn from. A filter in the export that "
        "matches nothing is the usual cause.",
        "Export the table again with its rows, or point `source` at the right table.",
    ),
    "D005": Entry(
        "Column name given twice",
        "error",
        "Two columns have the same name (spaces around names do not count) and the project file uses it. Which of the "
        "two is meant cannot be known, and they may hold different numbers.",
        "Give each column a name of its own in the first line of the file. Columns that nothing uses may stay as they "
        "are.",
    ),
    "D006": Entry(
        "Column not in the table",
        "error",
        "The project file names a column that the table does not have. Capital letters count. If the whole header is "
        "listed as one name, the file was split at the wrong separator.",
        "Correct the name in the project file as suggested, or the header of the table.",
    ),
    "D007": Entry(
        "Rows of another length",
        "error",
        "Some lines have more or fewer values than the header has names, so it is not known which value belongs to "
        "which column. Common causes are decimal commas in a comma-separated file, a comma inside an unquoted text, "
        "and a file cut off in the middle.",
        'Put quotes around values that hold the separator, or export with another separator (for example ";"), and '
        "see that the last line is complete.",
    ),
    "D008": Entry(
        "Stray quote",
        "error",
        "A quotation mark opens in the middle of a value, closes before its end, or never closes. From there on it is "
        "not known where values and lines end, and whole rows may hide inside one value.",
        'Write a quotation mark inside a value twice and put quotes around that value: "5"" screen". Remove a lone '
        "quote.",
    ),
    "D009": Entry(
        "Source cannot be read",
        "error",
        "The file is there but cannot be read: it is damaged, cut off, not of the kind its name says, locked by "
        "another program, or you may not read it. The reader's own words follow in the message.",
        "Export it again, close the program that holds it, or see that you may read it.",
    ),
    "D010": Entry(
        "Not a text file",
        "error",
        "The file is named as a CSV and holds something else: an Excel workbook, a compressed file, or UTF-16 text "
        "without a byte order mark. Renaming a workbook to .csv does not convert it.",
        'Open it in its own program and save it as "CSV UTF-8". For UTF-16 without a mark, state encoding = '
        '"utf-16-le" under csv in the project file.',
    ),
    "D011": Entry(
        "No connection to the server",
        "error",
        "The database server that the source names does not answer, or does not let you in. Its own words follow in "
        "the message. Nothing was read.",
        "See that host, port, database and user are right, that the server can be reached from this machine, and that "
        "the password is where the driver looks for it (PGPASSWORD or ~/.pgpass for PostgreSQL).",
    ),
    "D050": Entry(
        "How the text was read",
        "note",
        "The file is not plain comma-separated UTF-8 with ISO dates and decimal points, and every value agreed on one "
        "other way to read it. What was found is shown so that you can see that it is right.",
        "Nothing, if it is right. Otherwise state encoding, separator, decimal or date_format under csv in the "
        "project file.",
    ),
}

_NUMBERS: dict[str, Entry] = {
    "D020": Entry(
        "Missing number",
        "error",
        "A cell that must hold a number is empty. It is not filled: an empty cell can mean zero, unknown or not yet "
        "delivered, and each leads to another answer.",
        "Write the true number; 0 only where nothing was spent or sold. If it cannot be had, start or end the data "
        "there.",
    ),
    "D021": Entry(
        "Not a number",
        "error",
        'A cell of a number column holds text such as "N/A", "-" or a word. It is not taken for zero or for missing, '
        "because only you know which it is.",
        "Write the number. Where nothing was spent or sold write 0; true and false are written 1 and 0.",
    ),
    "D022": Entry(
        "Thousands separators",
        "error",
        "Numbers are written with separators between thousands, such as 1.234.567 or 1,234,567. Such marks mean "
        "decimals in other countries, so a table should not have them and they are not removed by guessing.",
        "Export the column without thousands separators (in Excel: number format General or 0.00).",
    ),
    "D023": Entry(
        "Thousands or decimals",
        "error",
        'Every number with a mark has exactly three digits behind it, such as "1,234": it may be one thousand two '
        "hundred thirty-four or one and a bit. Nothing in the file decides it, and a wrong guess is wrong by a factor "
        "of a thousand.",
        'State decimal = "." or decimal = "," under csv in the project file, or export without thousands separators.',
    ),
    "D024": Entry(
        "Decimal commas and decimal points",
        "error",
        "Some numbers can only have a decimal comma and others only a decimal point. A table pasted together from two "
        "sources looks like this, and one mark cannot read both.",
        "Bring all numbers to one decimal mark, best the point.",
    ),
    "D025": Entry(
        "Infinite or undefined number",
        "error",
        "A number column holds inf or nan, as text or as a value. It is what programs write after a division by zero "
        "or for an unknown value, and no model can use it.",
        "Find where the value comes from and write the true number, or leave out those rows.",
    ),
    "D026": Entry(
        "Number with a sign of unit",
        "error",
        'Numbers carry a currency or per cent sign, such as "$5" or "12%". 12% may be meant as 12 or as 0.12, and '
        "several currencies in one column cannot be added, so the sign is not simply dropped.",
        "Export plain numbers without signs. Write per cent as a share: 0.12.",
    ),
    "D027": Entry(
        "Column of another kind",
        "error",
        "The database or Parquet file declares the column as something that is neither number, date nor text, such as "
        "a list, a structure or a time of day, or as a kind that the role excludes, such as a date where a number is "
        "meant. There is no single way to turn such a value into a number, a day or a name.",
        "Convert the column where the table is made, for example with CAST in a view.",
    ),
}

_DATES: dict[str, Entry] = {
    "D030": Entry(
        "Missing date",
        "error",
        "A row has no date, so it is not known to which period it belongs. Rows with totals and empty rows at the end "
        "of a spreadsheet export look like this.",
        "Write the date, or remove the row from the table.",
    ),
    "D031": Entry(
        "Not a date",
        "error",
        "A cell of the date column holds something that is no calendar date, or is written in a way that is not "
        "known. Impossible days such as 2023-02-30 are among them. They are never passed over as missing.",
        "Write dates as 2025-01-06. If all are written in one other way, state it, for example date_format = "
        '"%d.%m.%Y" under csv in the project file.',
    ),
    "D032": Entry(
        "Day or month first",
        "error",
        "Every date can be read in more than one way, for example 03/04/2025 as the 3rd of April and as the 4th of "
        "March. Both give a plausible calendar, so the reader cannot know which is right.",
        'State date_format = "%d/%m/%Y" (day first) or "%m/%d/%Y" (month first) under csv in the project file.',
    ),
    "D033": Entry(
        "Dates written in several ways",
        "error",
        "The column mixes ways to write dates, and no single one reads them all. Tables put together by hand, or "
        "opened once in a spreadsheet with other regional settings, look like this; some days and months may already "
        "be swapped.",
        "Bring the rows named to the form of the others, best 2025-01-06, and check days up to the 12th for swaps.",
    ),
    "D034": Entry(
        "Date with a time of day",
        "error",
        "The date column holds times other than midnight. A period starts on a day: cutting off the time could move "
        "rows across days when the clock is in another time zone, and it usually means rows of events, not of periods.",
        "Add up the events to days, weeks or months first, or write the first day of the period without a time.",
    ),
    "D035": Entry(
        "Spreadsheet day numbers",
        "error",
        "The dates are numbers such as 45292, which a spreadsheet counts in days. Depending on the program they start "
        "in 1900 or in 1904, four years apart, so they are not converted.",
        "Format the column as a date (yyyy-mm-dd) in the spreadsheet and export it again.",
    ),
    "D036": Entry(
        "Date not in the stated format",
        "error",
        "The project file states date_format and some dates are not written that way. The stated format is taken at "
        "its word for every row.",
        "Correct date_format in the project file or the rows named.",
    ),
    "D037": Entry(
        "Date outside 1900 to 2199",
        "error",
        "A date lies outside the years 1900 to 2199. Programs write days such as 0001-01-01 or 9999-12-31 where they "
        "mean none, and typing errors look the same.",
        "Write the true date, or remove the row.",
    ),
}

_TEXTS: dict[str, Entry] = {
    "D040": Entry(
        "Missing name",
        "error",
        "A cell that must hold a name, such as the group of a row, is empty. The row cannot be assigned, and it is not "
        "dropped because its spend and sales would go with it.",
        "Write the name, or remove the row.",
    ),
    "D041": Entry(
        "Spaces around names",
        "warning",
        "Names in this column have spaces before or behind them, and they are read without. Otherwise 'North' and "
        "'North ' would be two groups.",
        "Nothing, if the names are meant to be the same; otherwise give them different names.",
    ),
}

ENTRIES: dict[str, Entry] = {**_FILE, **_NUMBERS, **_DATES, **_TEXTS}
