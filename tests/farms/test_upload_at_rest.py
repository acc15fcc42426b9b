"""An uploaded file is ciphertext at rest, opens only whole, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.core.files.base import ContentFile
from django.test import Client
from django.utils import translation
from django.utils.timezone import now

from aggregator import importing, sealed_files, uploads
from aggregator.models import ImportRun
from tests.aggregator.sheets import household, identity, write_households
from tests.cast import Cast
from tests.farms import uploading


@pytest.fixture(autouse=True)
def media(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def seal(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "a.csv.sealed"
    with sealed_files.sealed(ContentFile(data)) as stored:
        path.write_bytes(stored.read())
    return path


def unseal(path: Path) -> bytes:
    with sealed_files.opened(path) as plain:
        return plain.read_bytes()


@pytest.mark.parametrize("size", [0, 1, 9, 10, 11, 20, 25])
def test_what_is_sealed_comes_out_as_it_was(
    size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "_FRAME", 10)
    data = bytes(range(size))
    assert unseal(seal(tmp_path, data)) == data


def test_frames_lost_swapped_or_changed_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sealed_files, "_FRAME", 10)
    path = seal(tmp_path, b"0123456789abcdefghijklmno")
    frames = path.read_bytes().splitlines(keepends=True)
    for wrong in (
        frames[:-1],
        frames[1:],
        [frames[1], frames[0], *frames[2:]],
        [frames[0][:-10] + b"AAAAAAAAA\n", *frames[1:]],
        [],
    ):
        path.write_bytes(b"".join(wrong))
        with pytest.raises(sealed_files.SealBroken):
            unseal(path)


def test_no_number_of_a_member_list_lies_open(sunrise: Cast, tmp_path: Path) -> None:
    path = write_households(tmp_path / "a.csv", household(1))
    upload = uploading.begin(path, sunrise, kind="households")
    stored = Path(upload.file.path).read_bytes()
    assert identity(1).encode() not in stored
    assert "农户".encode() not in stored
    assert uploading.work(upload).rows.count() == 1


def test_the_plain_file_is_gone_once_it_was_read(
    sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "private").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "private"))
    path = write_households(tmp_path / "a.csv", household(1))
    uploading.read(path, sunrise, kind="households")
    assert not [*(tmp_path / "private").rglob("*")]


def test_what_a_killed_worker_left_in_plain_is_swept_away(
    sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill leaves the folder; a fresh one may be another worker's, and a link leads elsewhere."""
    private, elsewhere = tmp_path / "private", tmp_path / "elsewhere"
    private.mkdir()
    elsewhere.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    with sealed_files.private_folder() as folder:
        left = Path(folder)
        (left / "a.csv").write_text(identity(1))
        (elsewhere / "kept").write_text("")
        left.with_name(f"{left.name}-link").symlink_to(elsewhere)
        uploads.forget_uploads()
        assert (left / "a.csv").exists()
        uploads.forget_uploads(at=now() + timedelta(hours=2))
        assert not left.exists()
    assert (elsewhere / "kept").exists()


def test_a_file_whose_key_is_gone_is_refused_in_words(
    sunrise: Cast, tmp_path: Path, settings: Any
) -> None:
    with translation.override("en"):
        path = write_households(tmp_path / "a.csv", household(1))
        upload = uploading.begin(path, sunrise, kind="households")
    settings.FIELD_ENCRYPTION_KEYS = [Fernet.generate_key().decode()]
    uploading.work(upload)
    assert upload.status == "refused"
    assert "cannot be opened any more" in ImportRun.objects.get().errors[0]["reason"]


def test_notes_beyond_those_kept_are_counted(
    sunrise: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "MAX_KEPT", 2)
    rows = [household(n, phone="1") for n in range(1, 6)]
    path = write_households(tmp_path / "a.csv", *rows, household(9))
    upload = uploading.check(path, sunrise, kind="households")
    upload.rows.filter(error_count__gt=0).update(left_out=True)
    uploading.check_again(upload, sunrise)
    uploading.write(upload, sunrise)
    assert (len(upload.run.notes), upload.run.counts["notes"]) == (2, 5)
    client = Client(headers={"accept-language": "en"})
    client.force_login(sunrise.viewer)
    assert "… and 3 more." in client.get(f"/admin/import/runs/{upload.run.pk}/").content.decode()
