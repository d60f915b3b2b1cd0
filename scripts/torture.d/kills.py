"""Part kills: four writers at once, each killed at a moment of its own.

Every writer keeps its own list of what it was told is stored. Now and then all stop, and the list
is compared with what the shop shows.
"""
import collections
import json
import os
import random
import signal
import subprocess
import threading
import time

import shop

WRITERS = 4
SKUS = ("MUG-1", "CUP-2", "POT-3")
FIRST_STOCK = 1_000_000
# The members of an order that a shipment or a payment does not change.
LASTING = ("number", "customer", "total", "subtotal", "units", "createdAt", "createdBy", "placedAt",
           "lines")


class Ledger:
    """What one writer asked for, and what it was told."""

    def __init__(self, name):
        self.name = name
        # By a mark that no other request has: the request, and the answer where there was one.
        self.requests, self.answers = {}, {}
        # Orders of this writer that may be shipped, and those that it asked to ship.
        self.open_orders, self.shipping, self.shipped = [], {}, set()
        # Orders that it asked to capture, and those that it was told are captured.
        self.capturing, self.captured = {}, set()
        self.processes = self.kills = self.refusals = 0


class Writer(threading.Thread):
    """Runs commands one after another and kills most of them."""

    def __init__(self, part, ledger, seed, data, quota):
        super().__init__(name=ledger.name, daemon=True)
        self.part, self.ledger, self.data, self.quota = part, ledger, data, quota
        self.random = random.Random(seed)
        self.environment = part.tool.environment(data)
        self.problem = None
        # The longest wait before a kill: found by trying, so that kills hit on any machine.
        self.patience = 0.006

    def run(self):
        try:
            begun = self.ledger.kills
            while self.ledger.kills - begun < self.quota and not self.part.stop.is_set():
                self.step()
        except Exception as problem:
            self.problem = problem
            self.part.stop.set()

    def step(self):
        book, chance = self.ledger, self.random.random()
        mark = f"{book.name}-{book.processes}"
        book.processes += 1
        if book.open_orders and chance < 0.06:
            number = book.open_orders.pop(self.random.randrange(len(book.open_orders)))
            book.shipping[number] = mark
            if self.command("order", "ship", number) is not None:
                book.shipped.add(number)
        elif book.open_orders and chance < 0.12:
            number = self.random.choice(book.open_orders)
            if number not in book.capturing:
                book.capturing[number] = mark
                if self.command("payment", "capture", number, "--method", "cash") is not None:
                    book.captured.add(number)
        elif chance < 0.4:
            request = (self.random.choice(SKUS), self.random.randint(1, 9),
                       mark + " " + "n" * self.random.randrange(4_000))
            book.requests[mark] = request
            answer = self.command("stock", "receive", request[0], "--quantity", str(request[1]),
                                  "--note", request[2])
            if answer is not None:
                book.answers[mark] = answer
        else:
            self.order(mark)

    def order(self, mark):
        book = self.ledger
        items = {sku: self.random.randint(1, 5)
                 for sku in self.random.sample(SKUS, self.random.randint(1, 3))}
        book.requests[mark] = items
        words = [word for sku, units in items.items() for word in ("--item", f"{sku}={units}")]
        answer = self.command("order", "create", "--customer", f"{mark}@x.example", *words)
        if answer is not None:
            book.answers[mark] = answer
            book.open_orders.append(answer["number"])

    def command(self, *words):
        """Runs one command with a kill on its way; what it answered, or None."""
        process = subprocess.Popen(
            [self.part.tool.binary, *words, "--json", "--wait-lock", "30"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment)
        if self.random.random() < 0.9:
            time.sleep(self.random.random() * self.patience)
            process.send_signal(signal.SIGKILL)
        out, err = process.communicate(timeout=120)
        if process.returncode == -signal.SIGKILL:
            self.ledger.kills += 1
            self.patience = min(0.03, self.patience * 1.02)
        elif process.returncode == 0:
            self.patience = max(0.000_2, self.patience * 0.97)
        else:
            outcome = shop.Outcome(words, process.returncode, out, err)
            raise shop.Broken(f"a command failed: {outcome}")
        # An answer counts when it is whole, whether or not its process died after it.
        return json.loads(out) if out.endswith(b"\n") else None


class Part:
    def __init__(self, run):
        self.run, self.tool = run, run.tool
        self.stop = threading.Event()
        self.data = os.path.join(run.scratch("kills", in_memory=False), "shop")

    def perform(self):
        rounds, per_round = (4, 252) if self.run.quick else (20, 500)
        self.tool.must(self.data, "init", "--currency", "EUR")
        lines = [f"product add {sku} --name {sku} --price {price} --stock {FIRST_STOCK}"
                 for sku, price in zip(SKUS, ("5", "3.50", "12.99"))]
        self.tool.must(self.data, "run", "-", stdin="\n".join(lines).encode() + b"\n")
        books = [Ledger(f"w{number}") for number in range(WRITERS)]
        seeds = self.run.random("kills")
        try:
            for _ in range(rounds):
                self.round(books, seeds, per_round)
        except shop.Broken as problem:
            kept = self.run.keep(self.data, "kills")
            self.run.fail("kills", f"{problem}\n      the directory: {kept}")
        total = sum(book.kills for book in books)
        told = sum(len(book.answers) + len(book.shipped) + len(book.captured) for book in books)
        self.run.report("kills", total, "kills", f"{sum(b.processes for b in books):,} commands of "
                        f"{WRITERS} writers, {told:,} answered, {self.adopted} orders more stored, "
                        f"{self.folds} generations")

    def round(self, books, seeds, kills):
        writers = [Writer(self, book, seeds.random(), self.data, kills // WRITERS)
                   for book in books]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()
        for writer in writers:
            if writer.problem:
                raise shop.Broken(f"{writer.name}: {writer.problem}")
        self.judge(books)

    # MARK: The judge

    def judge(self, books):
        # Nobody is at work now: what is whole and unclaimed is adopted by the next writer.
        self.tool.check_doctor(self.data, shop.INTERRUPTED)
        self.tool.must(self.data, "stock", "receive", SKUS[0], "--quantity", "1", "--note", "judge")
        self.tool.check_doctor(self.data, {"leftover-file"})
        orders = self.list("order", "list")
        self.check_orders(books, orders)
        shipped = self.check_states(books, orders)
        received = self.check_receipts(books)
        reserved = collections.Counter()
        gone = collections.Counter()
        for order in orders:
            for line in order["lines"]:
                target = gone if order["number"] in shipped else reserved
                target[line["sku"]] += line["quantity"]
        for level in self.list("stock", "list"):
            sku = level["sku"]
            wanted = (FIRST_STOCK + received[sku] - gone[sku], reserved[sku])
            if (level["onHand"], level["reserved"]) != wanted:
                raise shop.Broken(f"{sku} has {level}, and it must be {wanted}")
        self.folds = int(os.path.basename(max(os.listdir(self.data + "/manifests")))[:-5])

    def list(self, *words):
        out = self.tool.must(self.data, *words, "--format", "jsonl")
        return [json.loads(line) for line in out.splitlines()]

    def check_orders(self, books, orders):
        """Every order is one that was asked for, whole; each that was acknowledged is there."""
        numbers = sorted(int(order["number"].removeprefix("ORD-")) for order in orders)
        if numbers != list(range(1001, 1001 + len(numbers))):
            raise shop.Broken(f"order numbers have gaps or doubles: {numbers}")
        stored = {}
        for order in orders:
            mark = order["customer"].removesuffix("@x.example")
            if mark in stored:
                raise shop.Broken(f"two orders of one request: {order} and {stored[mark]}")
            stored[mark] = order
        requests = {mark: request for book in books for mark, request in book.requests.items()
                    if isinstance(request, dict)}
        answers = {mark: answer for book in books for mark, answer in book.answers.items()
                   if mark in requests}
        self.adopted = len(stored) - len(answers)
        for mark, answer in answers.items():
            order = stored.get(mark)
            if order is None:
                raise shop.Broken(f"lost, though it was acknowledged: {answer}")
            for member in LASTING:
                if order.get(member) != answer.get(member):
                    raise shop.Broken(f"{member} of {answer} became {order.get(member)}")
        for mark, order in stored.items():
            lines = {line["sku"]: line["quantity"] for line in order["lines"]}
            if lines != requests.get(mark):
                raise shop.Broken(f"nobody asked for this: {order}; {requests.get(mark)}")

    def check_states(self, books, orders):
        """Who was told of a shipment or a payment finds it; the numbers of orders shipped."""
        shipped = {order["number"] for order in orders if order["fulfillment"] == "shipped"}
        captured = {order["number"] for order in orders if order["payment"] == "captured"}
        for name, found, told, asked in (
                ("shipped", shipped, [b.shipped for b in books], [b.shipping for b in books]),
                ("captured", captured, [b.captured for b in books], [b.capturing for b in books])):
            lost = set().union(*told) - found
            if lost:
                raise shop.Broken(f"acknowledged as {name}, and they are not: {sorted(lost)}")
            invented = found - set().union(*asked)
            if invented:
                raise shop.Broken(f"{name}, and nobody asked: {sorted(invented)}")
        return shipped

    def check_receipts(self, books):
        """Every receipt acknowledged stands in the history once; how many units came in all."""
        requests = {mark: request for book in books for mark, request in book.requests.items()
                    if isinstance(request, tuple)}
        received, seen = collections.Counter(), set()
        for sku in SKUS:
            for entry in self.list("stock", "history", sku):
                note = entry.get("note", "")
                mark = note.split(" ")[0]
                if entry["kind"] != "receive" or not note:
                    continue
                received[sku] += entry["onHand"]
                if note == "judge":
                    continue
                if mark in seen or (sku, entry["onHand"], note) != requests.get(mark):
                    raise shop.Broken(f"nobody asked for this receipt, or twice: {entry}")
                seen.add(mark)
        lost = {mark for book in books for mark in book.answers if mark in requests} - seen
        if lost:
            raise shop.Broken(f"receipts lost, though they were acknowledged: {sorted(lost)}")
        return received
