"""Anki as a peer: reads a word a line (new, edit, sync, upload), answers with a line of JSON. Runs in Anki's Python."""

import importlib
import json
import random
import sys
import time
from typing import Protocol


class SyncOutput(Protocol):
    """What is used of Anki's answer."""

    required: int


class Collection(Protocol):
    """What is used of Anki's collection to synchronise."""

    def sync_collection(self, auth: object, *, sync_media: bool) -> SyncOutput: ...


def main(folder: str, endpoint: str, items: int) -> None:
    """Serve the words of standard input over one collection."""
    collection = importlib.import_module("anki.collection").Collection(f"{folder}/collection.anki2")
    models, deck = collection.models, collection.decks.id("Default")
    kind = models.new("Form")
    for number in range(items):
        models.add_field(kind, models.new_field(f"IT{number:02}"))
    template = models.new_template("Card")
    template["qfmt"], template["afmt"] = "{{IT00}}", "{{IT01}}"
    models.add_template(kind, template)
    models.add(kind)
    auth = collection.sync_login("ward", "ward", endpoint)
    notes = []
    for line in sys.stdin:
        word, _, count = line.strip().partition(" ")
        answer = {}
        if word == "new":
            for _ in range(int(count)):
                note = collection.new_note(models.by_name("Form"))
                note.fields = [str(random.randrange(100, 1000)) for _ in range(items)]
                collection.add_note(note, deck)
                notes.append(note)
        elif word == "edit":
            notes[0].fields[3] = str(random.randrange(100, 1000))
            collection.update_note(notes[0])
        elif word == "upload":
            collection.close_for_full_sync()
            collection.full_upload_or_download(auth=auth, server_usn=None, upload=True)
            collection.reopen(after_full_sync=True)
        else:
            began = time.perf_counter()
            required = synchronise(collection, auth)
            answer = {"seconds": time.perf_counter() - began, "required": required}
        print(json.dumps(answer), flush=True)


def synchronise(collection: Collection, auth: object) -> int:
    """Exchange until it succeeds, or five minutes have passed; returns what Anki says is still required.

    After an exchange that was cut its server may refuse the next one for a while.
    """
    errors = importlib.import_module("anki.errors")
    ends = time.monotonic() + 300
    while time.monotonic() < ends:
        try:
            return int(collection.sync_collection(auth, sync_media=False).required)
        except errors.NetworkError:
            continue
        except errors.SyncError:
            time.sleep(5)
    return -1


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
