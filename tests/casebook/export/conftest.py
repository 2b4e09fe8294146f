"""The shipped study with every form filled, and where and when it is exported."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from casebook.design import StudyDesign
from casebook.export import Export, ExportContext, ExportFormat, ExportPerson, export_record
from casebook.ids import UserId
from casebook.projection import Casebook
from tests.casebook.export.filled import filled_casebook
from tests.laptops import design as shipped_design

AT = datetime(2026, 4, 1, 12, 0, 5, tzinfo=timezone(timedelta(hours=8)))


@pytest.fixture(scope="session")
def design() -> StudyDesign:
    return shipped_design()


@pytest.fixture(scope="session")
def casebook(design: StudyDesign) -> Casebook:
    return filled_casebook(design)


@pytest.fixture(scope="session")
def site(design: StudyDesign) -> Casebook:
    return filled_casebook(design, site=True, seed=7)


def context_of(design: StudyDesign) -> ExportContext:
    role = next(one for one in design.roles if one.oid == "ROLE.COORDINATOR")
    person = ExportPerson(role=role.oid, role_label=role.label)
    return ExportContext(
        exported_at=AT,
        exported_by=UserId("coordinator"),
        site="001",
        site_name="Demo site",
        app_version="0.1.0",
        people={UserId("coordinator"): person},
    )


@pytest.fixture(scope="session")
def context(design: StudyDesign) -> ExportContext:
    return context_of(design)


@pytest.fixture(scope="session")
def exported(
    tmp_path_factory: pytest.TempPathFactory,
    design: StudyDesign,
    casebook: Casebook,
    site: Casebook,
    context: ExportContext,
) -> Path:
    """A folder with everything that one filled subject and the site's file give."""
    folder = tmp_path_factory.mktemp("export")
    told = export_record(folder, design, [casebook], context, ExportFormat.ALL, site=site)
    assert told == Export(subjects=1, forms=told.forms, conflicts=0, unreadable=0)
    return folder
