"""The documents of an ISOXML task set: TASKDATA.XML, and the external files that it names by XFR."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from lxml import etree

from gis.errors import UnreadableFileError, UnsupportedFileError
from gis.formats.archive import Member
from gis.formats.machine.isoxml_words import KNOWN_TO_V3, ONLY_IN_V4, ROOT, TASK_FILE
from gis.formats.machine.safe_xml import children, descendants, local_name, root_of

_EXTERNAL_NAME = re.compile(r"[A-Z]{3}\d{5}")
_NEEDED = ("PFD", "CTR", "FRM")
_EXTERNAL_ROOT = "XFC"


@dataclass
class TaskSet:
    """The elements on the first level, wherever they stand, and what is to be said of the file as a whole."""

    label: str
    elements: list[etree._Element] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, name: str) -> Iterator[etree._Element]:
        """The elements of one kind."""
        return (element for element in self.elements if local_name(element) == name)

    def note(self, sentence: str) -> None:
        """Says it once."""
        if sentence not in self.notes:
            self.notes.append(sentence)


def is_task_file(member: Member) -> bool:
    """Whether a file's name is TASKDATA.XML, in any letters."""
    return PurePosixPath(member.name).name.lower() == TASK_FILE


def task_set(main: Member, members: Sequence[Member]) -> TaskSet:
    """Reads the main document and what it names beside it.

    Raises UnsupportedFileError for what is no task file of version 3 or 4, UnreadableFileError for a damaged or missing part.
    """
    root = root_of(main)
    if local_name(root) != ROOT:
        raise UnsupportedFileError(f"{main.label} は ISOXML（{ROOT}）ではありません。")
    tasks = TaskSet(main.label)
    _check_version(root, tasks)
    folder = PurePosixPath(main.name).parent
    beside = {
        PurePosixPath(member.name).name.lower(): member
        for member in members
        if PurePosixPath(member.name).parent == folder
    }
    documents = [root, *(_external(reference, beside, tasks) for reference in children(root, "XFR"))]
    for document in documents:
        if document is not None:
            tasks.elements.extend(children(document))
    if tasks_left := sum(1 for _ in tasks.of("TSK")):
        tasks.note(f"作業（TSK）{tasks_left}件は圃場ではないため取り込みません。")
    if root.get("VersionMajor", "").strip() == "3":
        _note_newer(documents, tasks)
    return tasks


def _check_version(root: etree._Element, tasks: TaskSet) -> None:
    major = root.get("VersionMajor", "").strip()
    if not major:
        tasks.note("版（VersionMajor）が書かれていないため、4版として読みました。")
    elif major not in ("3", "4"):
        raise UnsupportedFileError(
            f"{tasks.label} は ISOXML の{major[:10]}版です。読めるのは3版と4版です。機械の設定で版を選び直してください。"
        )


def _external(reference: etree._Element, beside: Mapping[str, Member], tasks: TaskSet) -> etree._Element | None:
    name = reference.get("A", "").strip().upper()
    if not _EXTERNAL_NAME.fullmatch(name):
        raise UnreadableFileError(f"{tasks.label} が示す外部ファイルの名前「{name[:40]}」は正しくありません。")
    member = beside.get(f"{name.lower()}.xml")
    if member is None:
        if name[:3] in _NEEDED:
            raise UnreadableFileError(
                f"{tasks.label} が示す {name}.XML が一緒にありません。TASKDATA フォルダーを丸ごと zip にしてください。"
            )
        tasks.note(f"外部ファイル {name}.XML はありませんが、圃場には要らないため続けました。")
        return None
    if name[:3] not in _NEEDED:
        return None
    root = root_of(member)
    if local_name(root) != _EXTERNAL_ROOT:
        raise UnreadableFileError(f"{member.label} は ISOXML の外部ファイル（{_EXTERNAL_ROOT}）ではありません。")
    return root


def _note_newer(documents: Sequence[etree._Element | None], tasks: TaskSet) -> None:
    """Says which elements and types version 3 does not have."""
    newer = set()
    for document in documents:
        for element in descendants(document, *KNOWN_TO_V3, *ONLY_IN_V4) if document is not None else ():
            name, kind = local_name(element), element.get("A", "")
            if name in ONLY_IN_V4:
                newer.add(name)
            elif kind.isdecimal() and int(kind[:6]) not in KNOWN_TO_V3[name]:
                newer.add(f"{name} の {kind[:6]}")
    if newer:
        tasks.note(
            f"3版と書かれていますが、4版にしかないもの（{'・'.join(sorted(newer))}）があるため、4版の意味で読みました。"
        )
