"""One shop's data directory and the program under test, seen from outside: argv, exit codes, text.

Nothing here knows how the program stores anything, but for what docs/data-format.md promises.
"""
import json
import os
import re
import shutil
import subprocess

# Times as people read them, and in the key of an idempotency key's age.
TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z|(?<=key-ages/)\d{13}")

# What everybody may see of a shop, in one process that takes no lock.
LISTS = b"""product list --format jsonl
stock list --format jsonl
order list --format jsonl
payment list --format jsonl
user list --format jsonl
audit list --format jsonl --fields number,at,by,ids,records
report sales --by day --format csv
"""

# What `doctor` may find after an interrupted command, by docs/doctor.md.
INTERRUPTED = {"torn-tail", "leftover-file"}
# The disks of this test are small on purpose.
HARMLESS = {"disk-nearly-full"}

# What anybody does next; it works in any state, also where there is no shop yet.
NEXT = ("product", "add", "NEXT-1", "--name", "Next", "--price", "1", "--stock", "1")


class Outcome:
    """How one process ended."""

    def __init__(self, words, code, out, err):
        self.words, self.code, self.out, self.err = words, code, out, err

    @property
    def killed(self):
        # strace dies of the signal that its child died of.
        return self.code in (-9, 137)

    def __str__(self):
        line = " ".join(word if len(word) < 80 else word[:77] + "..." for word in self.words)
        err = self.err.decode("utf-8", "replace").strip()
        return f"`{line}` exit {self.code}\n      {err[:600]}"


class Broken(Exception):
    """A promise that did not hold."""


class Tool:
    """The program, with a home directory of its own."""

    def __init__(self, binary, home):
        self.binary, self.home = binary, home
        os.makedirs(home, mode=0o700, exist_ok=True)

    def environment(self, data):
        return {"HOME": self.home, "SHOPCTL_DATA_DIR": data, "PATH": "/usr/bin:/bin"}

    def run(self, data, *words, stdin=None, before=(), timeout=120, preexec=None):
        """Runs one command to its end; `before` are the words of a program that runs it."""
        process = subprocess.run(
            [*before, self.binary, *words], input=stdin if stdin is not None else b"",
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.environment(data),
            timeout=timeout, preexec_fn=preexec)
        return Outcome(words, process.returncode, process.stdout, process.stderr)

    def must(self, data, *words, stdin=None):
        outcome = self.run(data, *words, stdin=stdin)
        if outcome.code != 0:
            raise Broken(f"a command that must work failed: {outcome}")
        return outcome.out

    def dump(self, data):
        """All that the lists show, byte for byte; where there is no shop, a word that says so."""
        outcome = self.run(data, "run", "-", "--dry-run", "--quiet", stdin=LISTS)
        if outcome.code == 78 and b"shopctl init" in outcome.err:
            return b"no shop\n"
        if outcome.code != 0:
            raise Broken(f"the lists cannot be read: {outcome}")
        if outcome.err:
            raise Broken(f"reading the lists warned: {outcome}")
        return outcome.out

    def findings(self, data):
        """The codes of what `doctor` finds."""
        outcome = self.run(data, "doctor", "--format", "jsonl")
        if outcome.code == 78 and b"shopctl init" in outcome.err:
            return set(), b""
        if outcome.code not in (0, 9):
            raise Broken(f"doctor failed: {outcome}")
        codes = {json.loads(line)["code"] for line in outcome.out.splitlines()}
        return codes - HARMLESS, outcome.out

    def check_doctor(self, data, allowed=frozenset()):
        codes, text = self.findings(data)
        if codes - allowed:
            raise Broken("doctor found " + text.decode("utf-8", "replace").strip())

    def expected(self, data, scratch):
        """What the lists show when the next command has run on a copy of `data`."""
        copy(data, scratch)
        self.must(scratch, *NEXT)
        return self.dump(scratch)


def copy(source, target):
    """Copies a data directory; a source that is not there makes none."""
    remove(target)
    if os.path.exists(source):
        shutil.copytree(source, target)


def remove(path):
    if os.path.exists(path):
        shutil.rmtree(path)


def scrubbed(dump, known=None):
    """A dump without its times; those that stand in `known` stay, for they are history."""
    kept = set(TIME.findall(known)) if known else set()
    return TIME.sub(lambda match: match[0] if match[0] in kept else b"T", dump)


def difference(got, wanted):
    """The first lines in which two dumps differ, for a person to read."""
    left, right = got.splitlines(), wanted.splitlines()
    lines = [b"- " + line for line in right if line not in left][:3]
    lines += [b"+ " + line for line in left if line not in right][:3]
    return b"\n      ".join(line[:200] for line in lines).decode("utf-8", "replace")


def signed_up(tool, data, scratch):
    """Makes the owner's account and signs in, so that every command checks a session."""
    password = os.path.join(scratch, "password")
    with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
        file.write("Violet lathe 99 quiet\n")
    for verb in ("signup", "signin"):
        tool.must(data, "user", verb, "owner@shop.example", "--password-file", password)
    return password
