"""What a function is packed from: modules of the user's own wherever they are, and installed packages."""

import io
import zipfile
from pathlib import Path
from uuid import uuid4

import pytest

from bootstrap.imports import PackageError
from bootstrap.packages import build_package, source_files


class Project:
    """A folder of modules of the user's own, and one of installed packages; both are on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        self.installed = folder / "site-packages"
        # What is installed is remembered by its name.
        self._tag = uuid4().hex

    def write(self, file: str, text: str) -> Path:
        """Write a module of the user's own."""
        path = self.folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def install(self, module: str, *files: str, requires: tuple[str, ...] = (), name: str | None = None) -> str:
        """Install a package with some files, and return its module's name, which nothing else has."""
        module = f"{module}_{self._tag}"
        name = f"{name}_{self._tag}" if name else module
        info = self.installed / f"{name}-1.0.dist-info"
        noted = [f"{module}/{file}" for file in ("__init__.py", *files)]
        for file in noted:
            (self.installed / file).parent.mkdir(parents=True, exist_ok=True)
            (self.installed / file).write_text("")
        info.mkdir()
        lines = ["Metadata-Version: 2.4", f"Name: {name}", "Version: 1.0"]
        lines += [f"Requires-Dist: {line}" for line in requires]
        (info / "METADATA").write_text("\n".join(lines) + "\n")
        (info / "INSTALLER").write_text("someone\n")
        own = [f"{info.name}/{file}" for file in ("METADATA", "INSTALLER", "RECORD")]
        (info / "RECORD").write_text("".join(f"{file},,\n" for file in [*noted, *own, "../../bin/command"]))
        return module

    def packed(self, *packages: str) -> set[str]:
        """The files of the package of the function `shop.weigh`."""
        content = build_package("shop.weigh", packages).content
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
        return {name.replace(f"_{self._tag}", "") for name in names}

    def refusal(self, *packages: str) -> str:
        """What is said of it instead, in one line."""
        with pytest.raises(PackageError) as raised:
            self.packed(*packages)
        assert "\n" not in str(raised.value)
        return str(raised.value).replace(f"_{self._tag}", "").replace(f"-{self._tag}", "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    project = Project(tmp_path)
    for folder in (project.installed, project.folder):
        folder.mkdir()
        monkeypatch.syspath_prepend(folder)
    project.write("shop/__init__.py", "")
    return project


def test_modules_that_are_imported_in_any_way_are_taken(project: Project) -> None:
    project.write(
        "shop/weigh.py",
        "import shop.a\nfrom shop import b\nfrom shop.c import C\nfrom . import d\n"
        "from .deep import e\nfrom .f import F\n"
        "def lambda_handler(event, context):\n    with open('x'):\n        import shop.g\n"
        "match 1:\n    case 1:\n        import shop.h\n",
    )
    for name in "abcdfgh":
        project.write(f"shop/{name}.py", "")
    project.write("shop/deep/__init__.py", "from .. import i\n")
    project.write("shop/deep/e.py", "from ..a import A\n")
    project.write("shop/i.py", "")
    project.write("shop/unused.py", "")
    assert project.packed() == {
        *(f"shop/{name}.py" for name in ("__init__", "weigh", *"abcdfghi")),
        "shop/deep/__init__.py",
        "shop/deep/e.py",
    }


def test_modules_of_another_folder_and_what_handlers_share_are_taken_as_well(project: Project) -> None:
    project.write("shop/weigh.py", "from handlers.shared.events import read\nimport other_shop.tools.scales\n")
    project.write("other_shop/tools/scales.py", "import math\n")
    assert project.packed() >= {"shop/weigh.py", "other_shop/tools/scales.py", "handlers/shared/events.py"}
    assert {path.name for path in source_files("shop.weigh")} >= {"weigh.py", "scales.py", "events.py"}


def test_what_is_for_type_checkers_stays_behind(project: Project) -> None:
    project.write(
        "shop/weigh.py",
        "import typing\nfrom typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import shop.lost\n"
        "if typing.TYPE_CHECKING:\n    import shop.lost\nelse:\n    import shop.a\n",
    )
    project.write("shop/a.py", "")
    assert project.packed() == {"shop/__init__.py", "shop/weigh.py", "shop/a.py"}


def test_what_is_tried_only_is_taken_where_it_is_there(project: Project) -> None:
    fast = project.install("fast")
    project.write(
        "shop/weigh.py",
        f"try:\n    import {fast}\n    import lost\nexcept ImportError:\n    import shop.slow\n",
    )
    project.write("shop/slow.py", "")
    assert project.packed() >= {"fast/__init__.py", "shop/slow.py"}


def test_a_try_that_catches_something_else_does_not_make_an_import_optional(project: Project) -> None:
    project.write("shop/weigh.py", "try:\n    import lost\nexcept ValueError:\n    pass\n")
    assert "there is no module lost" in project.refusal()


def test_an_installed_package_comes_whole_with_what_it_requires(project: Project) -> None:
    deep = project.install("deep")
    extra = project.install("extra")
    windows = project.install("windows")
    scale = project.install(
        "scale",
        "inner/data.txt",
        requires=(
            f"{deep} (>=1.0)",
            f"{extra}>=1; extra == 'more'",
            f"{windows}; sys_platform == 'win32'",
            "lost; python_version < '3'",
            "boto3>=1",
        ),
    )
    project.write("shop/weigh.py", f"from {scale}.inner import data\n")
    assert project.packed() == {
        *("shop/__init__.py", "shop/weigh.py", "scale/__init__.py", "scale/inner/data.txt", "deep/__init__.py"),
        *("scale-1.0.dist-info/METADATA", "deep-1.0.dist-info/METADATA"),
    }


def test_a_requirement_with_an_extra_brings_that_extra(project: Project) -> None:
    extra = project.install("extra")
    deep = project.install("deep", requires=(f"{extra}; extra == 'more'",))
    scale = project.install("scale", requires=(f"{deep}[more]",))
    project.write("shop/weigh.py", f"import {scale}\n")
    assert "extra/__init__.py" in project.packed()


def test_a_package_that_is_called_otherwise_than_its_module_is_found(project: Project) -> None:
    module = project.install("scale", name="pyscale")
    project.write("shop/weigh.py", f"import {module}\n")
    assert project.packed() >= {"scale/__init__.py", "pyscale-1.0.dist-info/METADATA"}


def test_what_lambdas_runtime_has_is_not_packed(project: Project) -> None:
    project.write("shop/weigh.py", "import boto3\nimport botocore.config\nfrom dateutil import tz\nimport urllib3\n")
    assert project.packed() == {"shop/__init__.py", "shop/weigh.py"}


def test_packages_that_the_stack_names_are_packed_too(project: Project) -> None:
    scale = project.install("scale")
    project.write("shop/weigh.py", "")
    assert "scale/__init__.py" in project.packed(scale)


def test_a_package_that_is_not_installed_is_refused_with_the_line_that_wants_it(project: Project) -> None:
    file = project.write("shop/weigh.py", "\n\nimport lost.inner\n")
    assert project.refusal() == (
        f"{file}:3: there is no module lost.inner: install the package that has it, or mend the name"
    )


def test_a_requirement_that_is_not_installed_is_refused_by_its_name(project: Project) -> None:
    scale = project.install("scale", requires=("lost>=1",))
    project.write("shop/weigh.py", f"import {scale}\n")
    assert project.refusal().endswith("needs the package lost, which is not installed here: install it")


def test_a_named_package_that_is_not_installed_is_refused(project: Project) -> None:
    project.write("shop/weigh.py", "")
    assert project.refusal("Lost_Package") == (
        "shop.weigh needs the package lost-package, which is not installed here: install it"
    )


def test_a_package_that_is_not_pure_python_is_refused_unless_it_is_only_tried(project: Project) -> None:
    fast = project.install("fast", "core.so")
    project.write("shop/weigh.py", f"import {fast}\n")
    assert project.refusal().startswith("the package fast is not pure Python (fast/core.so), so it may not run")
    project.write("shop/weigh.py", f"try:\n    import {fast}\nexcept ImportError:\n    pass\n")
    assert project.packed() == {"shop/__init__.py", "shop/weigh.py"}


def test_a_module_of_ones_own_that_is_not_there_names_the_line(project: Project) -> None:
    file = project.write("shop/weigh.py", "from shop import a\nimport shop.lost\n")
    assert project.refusal().startswith(f"{file}:2: there is no module shop.lost: ")


def test_a_module_that_is_written_later_is_found(project: Project) -> None:
    project.write("shop/weigh.py", "from shop import later\n")
    assert project.packed() == {"shop/__init__.py", "shop/weigh.py"}
    project.write("shop/later.py", "import another_shop\n")
    assert "there is no module another_shop" in project.refusal()
    project.write("another_shop.py", "")
    assert project.packed() == {"shop/__init__.py", "shop/weigh.py", "shop/later.py", "another_shop.py"}
