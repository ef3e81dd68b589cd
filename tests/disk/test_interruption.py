"""Interrupted anywhere, a command leaves what was there before it, or its whole result.

How many moments are tried is `CURATION_KILLS` (2 unless set), for collect and for run each; `tests.kill` kills at every
step, and here it is about processes, signals and workers. The moments are drawn from a fixed seed, one out of every
equal part of the time that the command took when it was left alone.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from curation.corpus.corpus import Corpus
from curation.corpus.ledger import Ledger
from curation.disk.workspace import Workspace
from curation.errors import NothingToDoError
from tests.cli.conftest import shared  # noqa: F401 - a fixture
from tests.cli.shell import (
    OWN_RULE,
    PATIENCE,
    Said,
    environment,
    inside,
    jsonl,
    landed,
    made_once,
    unspeakable,
)

KILLS = int(os.environ.get("CURATION_KILLS", "2"))

#: Posts of the landing that is interrupted, and of the one before it.
MANY = 20_000
FEW = 300
#: Of landings that are short, where the moment is chosen by what lies on the disk.
SOME = 6_000

#: The command as it is, but for shards so small that these posts are work for several processes.
COMMAND = (
    sys.executable,
    "-c",
    "from curation import cli; from curation.engines import local; Engine = local.LocalEngine; "
    "local.LocalEngine = lambda **given: Engine(shard_posts=4_096, **given); cli.main()",
)

WORDS = (
    "lantern",
    "harbour",
    "bread",
    "tide",
    "kettle",
    "moss",
    "ladder",
    "window",
    "quiet",
    "thunder",
    "ink",
    "ferry",
)

#: Every kind of stage, with nothing that is slow, and a function of Python, for which processes are started.
RECIPE = """
name = "swift"

[[rule]]
use = "retweet"

[[rule]]
use = "strip_urls"

[[rule]]
use = "min_words"
count = "blanks"

[[rule]]
use = "vowels"

[[rule]]
use = "exact_duplicate"
"""

pytestmark = pytest.mark.skipif(not hasattr(os, "killpg"), reason="process groups are a thing of POSIX")


def posts(number):
    """Invented posts by three authors, with retweets, links, short ones and copies."""
    draw = random.Random(number)
    made = []
    for index in range(number):
        text = " ".join(draw.choices(WORDS, k=draw.choice([2, 3, 5, 8])))
        text = f"RT @somebody: {text}" if index % 11 == 0 else text
        text = f"{text} https://example.org/{index}" if index % 13 == 0 else text
        author, at = ("mira", "tomas", "zoe")[index % 3], f"2024-{index % 12 + 1:02}-{index % 28 + 1:02}T10:00:00Z"
        made.append({"id": f"{number}-{index}", "author": author, "created_at": at, "text": text})
    return made


def collect(folder):
    """The command that lands the many posts, or the words that follow `curation` in it."""
    return ["collect", "file", str(folder / "many.jsonl")]


def run(folder):
    """The command that curates them."""
    return ["run", str(folder / "swift.toml"), "--rules", str(OWN_RULE), "--workers", "2"]


def timed(words, data):
    """Run a command that must succeed; gives its seconds."""
    began = time.monotonic()
    said = ended(started(words, data))
    assert said.rc == 0, said.err
    return time.monotonic() - began


def state(data):
    """The ledger and a digest of the kept ids and texts; None where the recipe has not run."""
    try:
        corpus = Corpus.open(data, "swift")
    except NothingToDoError:
        return None
    kept = corpus.rows("SELECT id, text FROM posts WHERE removed_by IS NULL ORDER BY id, text")
    [[rows, ids]] = corpus.rows("SELECT count(*), count(DISTINCT (platform, id)) FROM posts")
    assert rows == ids, "a post stands there twice"
    digest = hashlib.sha256("\n".join(f"{id}\t{text}" for id, text in kept).encode()).hexdigest()
    return {"ledger": Ledger.of(corpus).to_json(), "kept": digest}


def rows(data):
    """A digest of the ids and texts of all raw rows."""
    return hashlib.sha256("\n".join(f"{id}\t{text}" for id, text in landed(data)).encode()).hexdigest()


def make_scene(folder):
    """Land a few posts and run; land many and run again; each left alone, copied and timed on the way."""
    jsonl(folder / "few.jsonl", posts(FEW))
    jsonl(folder / "many.jsonl", posts(MANY))
    (folder / "swift.toml").write_text(RECIPE, encoding="utf-8")
    data = folder / "data"
    timed(["collect", "file", folder / "few.jsonl"], data)
    timed(run(folder), data)
    figures = {"earlier": state(data)}
    shutil.copytree(data, folder / "before-collect")
    figures["collect"] = timed(collect(folder), data)
    figures["landed"] = rows(data)
    shutil.copytree(data, folder / "before-run")
    figures["run"] = timed(run(folder), data)
    figures["after"] = state(data)
    (folder / "figures.json").write_text(json.dumps(figures), encoding="utf-8")


@pytest.fixture(scope="module")
def scene(shared):  # noqa: F811
    """Everything that the tests start from; only read."""
    return made_once(shared / "interruption", make_scene)


def figures_of(scene):
    """What was found when nothing interrupted."""
    return json.loads((scene / "figures.json").read_text(encoding="utf-8"))


def before(scene, verb, place):
    """A workspace of the test's own, as it was before the command."""
    return Path(shutil.copytree(scene / f"before-{verb}", place / "data"))


def started(words, data):
    """The command in a process group of its own, its workers with it."""
    command = [*COMMAND, *map(str, words), "--data", str(data)]
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
        # A shell that runs the tests in the background lets its children ignore Ctrl-C.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def ended(process):
    """What it said until it ended."""
    out, err = process.communicate(timeout=PATIENCE)
    return Said(process.returncode, out.decode(), err.decode())


def workers_of(process):
    """The worker processes of a command."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:  # it has ended meanwhile
            continue
        if int(status[1]) == process.pid and any(b"popen_loky" in word for word in words):
            found.append(int(folder.name))
    return found


def wait_for_workers(process, number):
    """Wait until a command has so many workers."""
    until = time.monotonic() + PATIENCE
    while len(workers_of(process)) < number:
        assert process.poll() is None, "it ended before it had workers"
        assert time.monotonic() < until
        time.sleep(0.01)
    return workers_of(process)


def wait_for_work(process, data):
    """Wait until a command has begun to write."""
    until = time.monotonic() + PATIENCE
    while not list((data / ".work").glob("*-*/*")):
        assert process.poll() is None, "it ended before it wrote anything"
        assert time.monotonic() < until
        time.sleep(0.002)


def rubbish(data):
    """What lies in the workspace's folder of unfinished work besides the locks that have a name."""
    locks = {"raw.lock", "run-swift.lock", "runs.lock", "tombstones.lock"}
    return sorted(path.name for path in (data / ".work").iterdir() if path.name not in locks)


def moments(verb):
    """Shares of the command's time, one out of every equal part, in the order of the draw."""
    draw = random.Random(f"{verb} {KILLS}")
    return [round((part + draw.random()) / KILLS, 3) for part in range(KILLS)]


@pytest.mark.parametrize("moment", moments("collect"))
def test_killed_while_landing(scene, tmp_path, moment):
    """A kill during collect: the earlier ledger answers; landing again gives the rows there would have been."""
    data = before(scene, "collect", tmp_path)
    process = started(collect(scene), data)
    time.sleep(moment * figures_of(scene)["collect"])
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    assert state(data) == figures_of(scene)["earlier"]
    check_landed(data, scene)


@pytest.mark.parametrize("moment", moments("run"))
def test_killed_while_curating(scene, tmp_path, moment):
    """A kill during run, workers too: a ledger answers; running again gives the corpus there would have been."""
    data = before(scene, "run", tmp_path)
    process = started(run(scene), data)
    time.sleep(moment * figures_of(scene)["run"])
    os.killpg(process.pid, signal.SIGKILL)
    ended(process)
    assert state(data) in (figures_of(scene)["earlier"], figures_of(scene)["after"])
    check_curated(data, scene)


def test_killed_after_its_end(scene, tmp_path):
    """A run killed when its corpus stood in place already is complete; the next one clears up, with nothing to do."""
    data = Path(shutil.copytree(scene / "data", tmp_path / "data"))
    left = data / ".work/run-swift-0123456789ab"
    shutil.copytree(data / "curated/swift", left / "corpus")
    left.with_suffix(".lock").touch()
    said = inside(*run(scene), "--json", data=data)
    assert (said.rc, said.json["status"]) == (0, "unchanged")
    assert rubbish(data) == []


def test_killed_before_anything_was_there(scene, tmp_path):
    """A kill during the very first landing and run: nothing has landed, nothing has run, in words; then all is well."""
    data, some = tmp_path / "data", jsonl(tmp_path / "some.jsonl", posts(SOME))
    for words in (["collect", "file", some], [*run(scene), "--workers", "1"]):
        process = started(words, data)
        wait_for_work(process, data)
        os.killpg(process.pid, signal.SIGKILL)
        ended(process)
        said = inside("ledger", "swift", data=data)
        assert (said.rc, "No recipe has been run" in said.complaint) == (3, True)
        assert inside(*words, data=data).rc == 0
    assert state(data)["ledger"]["total"]["downloaded"] == SOME
    assert rubbish(data) == []


@pytest.mark.parametrize(
    ("number", "rc", "said"), [(signal.SIGINT, 130, "Interrupted."), (signal.SIGTERM, 143, "Interrupted (SIGTERM).")]
)
@pytest.mark.parametrize("verb", [collect, run])
def test_asked_to_end(scene, tmp_path, verb, number, rc, said):
    """Ctrl-C and SIGTERM: one sentence, 128 + the signal, no rubbish even now, and the command can be run again."""
    data = before(scene, verb.__name__, tmp_path)
    process = started(verb(scene), data)
    wait_for_work(process, data)
    process.send_signal(number)
    answer = ended(process)
    assert (answer.rc, answer.out) == (rc, ""), answer.err
    unspeakable(answer.err)
    assert answer.complaint == f"{said} What was there before is unchanged; run the command again to complete it."
    assert rubbish(data) == []
    assert state(data) == figures_of(scene)["earlier"]


def test_ctrl_c_reaches_the_workers_quietly(scene, tmp_path):
    """Ctrl-C on a terminal goes to the workers too, even to one that is starting: one sentence, no traceback."""
    data = before(scene, "run", tmp_path)
    process = started(run(scene), data)
    wait_for_workers(process, 2)
    os.killpg(process.pid, signal.SIGINT)
    answer = ended(process)
    assert answer.rc == 130
    assert answer.err.splitlines() == [f"curation: {answer.complaint}"]
    assert rubbish(data) == []


def test_a_worker_that_is_killed_is_said(scene, tmp_path):
    """A worker ended from outside (as when memory runs out): exit 1, why, and nothing lost; then it completes."""
    data = before(scene, "run", tmp_path)
    process = started(run(scene), data)
    os.kill(wait_for_workers(process, 2)[0], signal.SIGKILL)
    answer = ended(process)
    unspeakable(answer.err)
    assert (answer.rc, answer.out) == (1, "")
    assert "worker process was ended" in answer.complaint
    assert rubbish(data) == []
    assert state(data) == figures_of(scene)["earlier"]
    check_curated(data, scene)


def test_workers_end_with_their_process(scene, tmp_path):
    """When the command alone is killed, not its workers, they notice and end, and running again completes."""
    data = before(scene, "run", tmp_path)
    process = started(run(scene), data)
    workers = wait_for_workers(process, 2)
    time.sleep(0.5)
    process.kill()
    process.wait()
    try:
        until = time.monotonic() + 10
        while any(Path(f"/proc/{worker}").exists() for worker in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert not [worker for worker in workers if Path(f"/proc/{worker}").exists()]
    finally:
        for worker in workers:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        ended(process)
    check_curated(data, scene)


def test_two_runs_at_once(scene, tmp_path):
    """Of two runs of one recipe one makes the corpus, and the other finds nothing left to do."""
    data = before(scene, "run", tmp_path)
    both = [ended(process) for process in [started([*run(scene), "--workers", "1", "--json"], data) for _ in range(2)]]
    assert [answer.rc for answer in both] == [0, 0], both
    assert sorted(answer.json["status"] for answer in both) == ["complete", "unchanged"]
    assert state(data) == figures_of(scene)["after"]
    assert rubbish(data) == []


@pytest.mark.parametrize(("verb", "lock"), [(collect, "raw"), (run, "run-swift")])
def test_who_is_waited_for_is_said(scene, tmp_path, verb, lock):
    """A command that has to wait says so once, with the process it waits for, and goes on when that is done."""
    data = before(scene, verb.__name__, tmp_path)
    with Workspace(data).lock(lock):
        process = started(verb(scene), data)
        line = process.stderr.readline().decode()
        assert line == f"Waiting for another curation process ({lock}, process {os.getpid()}).\n"
    assert ended(process).rc == 0


def test_two_landings_at_once(scene, tmp_path):
    """Of two landings of one input one lands the posts, and the other finds that they are there."""
    data, some = before(scene, "collect", tmp_path), jsonl(tmp_path / "some.jsonl", posts(SOME))
    both = [ended(process) for process in [started(["collect", "file", some, "--json"], data) for _ in range(2)]]
    assert [answer.rc for answer in both] == [0, 0], both
    assert sorted(answer.json["status"] for answer in both) == ["complete", "unchanged"]
    assert sorted(answer.json["landed"] for answer in both) == [0, SOME]
    assert len(landed(data)) == FEW + SOME
    assert rubbish(data) == []


def test_two_first_landings_at_once(scene, tmp_path):
    """Two processes may make a workspace at once; different posts of both are there afterwards."""
    few = [str(jsonl(tmp_path / f"{number}.jsonl", posts(number))) for number in (5, 7, 9)]
    processes = [started(["collect", "file", path], tmp_path / "data") for path in few]
    answers = [ended(process) for process in processes]
    assert [answer.rc for answer in answers] == [0, 0, 0], answers
    assert len(landed(tmp_path / "data")) == 21
    assert len(list((tmp_path / "data/raw").iterdir())) == 3
    assert rubbish(tmp_path / "data") == []


def test_a_ledger_while_the_corpus_is_rewritten(scene, tmp_path):
    """A reader in a loop never meets an error or another number while `run --again` replaces the files."""
    data = Path(shutil.copytree(scene / "data", tmp_path / "data"))
    after, read = figures_of(scene)["after"], 0
    before_it = Corpus.open(data, "swift").manifest["files"]
    process = started([*run(scene), "--workers", "1", "--again"], data)
    while process.poll() is None:
        assert state(data) == after
        read += 1
    answer = ended(process)
    assert answer.rc == 0, answer.err
    assert Corpus.open(data, "swift").manifest["files"] != before_it
    assert state(data) == after
    assert read > 2


@pytest.mark.parametrize("verb", [collect, run])
def test_a_disk_that_is_full(scene, tmp_path, verb):
    """A file that can't grow, as on a full disk: exit 1, the place, what was there before, and no rubbish."""
    data = before(scene, verb.__name__, tmp_path)
    command = [*COMMAND, *verb(scene), "--data", str(data)]
    limited = ["sh", "-c", 'ulimit -f 200; exec "$@"', "sh", *command]  # blocks of 512 bytes
    done = subprocess.run(limited, capture_output=True, env=environment(), timeout=PATIENCE, check=False)
    answer = Said(done.returncode, done.stdout.decode(), done.stderr.decode())
    unspeakable(answer.err)
    assert (answer.rc, answer.out) == (1, ""), answer.err
    assert str(data) in answer.complaint
    assert "What was there before is unchanged" in answer.complaint
    assert rubbish(data) == []
    assert state(data) == figures_of(scene)["earlier"]


def check_landed(data, scene):
    """Landing once more completes: every row as without the interruption, none twice, nothing left over."""
    said = inside(*collect(scene), data=data)
    assert said.rc == 0, said.err
    assert rows(data) == figures_of(scene)["landed"]
    assert len(list((data / "raw").iterdir())) == 2
    assert rubbish(data) == []


def check_curated(data, scene):
    """Running once more completes: the ledger and the kept posts as without the interruption, nothing left over."""
    said = inside(*run(scene), "--workers", "1", data=data)
    assert said.rc == 0, said.err
    assert state(data) == figures_of(scene)["after"]
    assert [path.name for path in (data / "curated").iterdir()] == ["swift"]
    assert rubbish(data) == []
