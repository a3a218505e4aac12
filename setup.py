"""The packages of the wheel: the seven rooms, and the retailer example as the data folder `cli/demo`.

Everything else is declared in pyproject.toml. This file exists because the example lives in `examples/retailer`, where
a reader looks for it, and must travel in the wheel, where `outlay demo` looks for it. Setuptools can map one to the
other only beside an explicit list of packages, which is found here so that no new subpackage can be forgotten.
"""

from setuptools import find_packages, setup

ROOMS = ("outlay", "mmm", "attribution", "segmentation", "budget", "planner", "cli")

setup(
    packages=[*find_packages(include=[pattern for room in ROOMS for pattern in (room, f"{room}.*")]), "cli.demo"],
    package_dir={"": ".", "cli.demo": "examples/retailer"},
    package_data={
        "": ["py.typed", "*.html", "*.css", "*.js", "*.j2"],
        "cli.b2b": ["template/*.toml", "template/scenarios/*.toml"],
        "cli.customers": ["template/*.toml"],
        "planner": ["assets/*"],
        "cli.demo": ["README.md", "LICENSE*", "outlay.toml", "data/*.csv", "scenarios/*.toml"],
    },
    include_package_data=False,
)
