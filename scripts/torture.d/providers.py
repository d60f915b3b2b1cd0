"""Part providers: who pays, cancels and refunds one order at once, and cron, through a gateway that
loses most of its answers, while processes are killed.

The gateway is a program with a ledger of its own (Tests/BinaryTests/Fakes/forgetful-gateway). When
all is found out, the shop must say of every order what the ledger says: never two charges, never a
lost one.
"""
import collections
import concurrent.futures
import json
import os
import random
import signal
import subprocess
import time

import shop

GATEWAY = os.path.join(
    os.path.dirname(os.path.abspath(__file__)), "../../Tests/BinaryTests/Fakes/forgetful-gateway")
PRICE = 3_000
# How a command may end; what is not here is a fault: 70 a bug, 75 a lock held while somebody waits
# for the gateway.
ENDINGS = {0, 1, 3, 5, 6, 9, 71}
PROVIDER = ("--provider", "acme", "--token", "tok")


class Part:
    def __init__(self, run):
        self.run, self.tool = run, run.tool
        self.processes = self.kills = 0
        self.endings = collections.Counter()

    def perform(self):
        count = 12 if self.run.quick else 250
        data, ledger = self.made("providers", "0.1" if self.run.quick else "1.5")
        try:
            self.pay(data, count)
            self.judge(data, ledger, count)
        except shop.Broken as problem:
            kept = self.run.keep(data, "providers")
            self.run.fail("providers", f"{problem}\n      the directory: {kept}")
        moved = len(self.movements(ledger))
        self.run.report(
            "providers", count, "orders", f"{self.processes:,} commands, {self.kills:,} killed, "
            f"{self.endings[71]:,} without an answer, {moved:,} movements of money")
        self.check_judge()

    def check_judge(self):
        """With a gateway that pays no heed to keys, the same judge must find a fault."""
        data, ledger = self.made("keyless", "0.01", "keyless")
        try:
            self.pay(data, 12)
            self.judge(data, ledger, 12)
        except shop.Broken:
            return
        self.run.fail("providers", "a gateway that charged twice was not noticed")

    def made(self, name, *words):
        """A shop whose provider is the gateway."""
        scratch = self.run.scratch(name, in_memory=False)
        data, ledger = os.path.join(scratch, "shop"), os.path.join(scratch, "ledger.jsonl")
        config = os.path.join(self.tool.home, ".config", "shopctl")
        os.makedirs(config, exist_ok=True)
        provider = {"kind": "exec", "program": os.path.realpath(GATEWAY), "timeLimit": 1,
                    "arguments": [ledger, str(self.run.seed), *words]}
        with open(os.path.join(config, "config.json"), "w", encoding="utf-8") as file:
            json.dump({"providers": {"acme": provider}}, file)
        self.tool.must(data, "init", "--currency", "EUR")
        self.tool.must(data, "product", "add", "MUG", "--name", "Mug", "--price", "30",
                       "--untracked")
        return data, ledger

    # MARK: Paying

    def pay(self, data, count):
        lines = b"order create --customer a@x.example --item MUG=1\n" * count
        self.tool.must(data, "run", "-", "--group", stdin=lines)
        dice = self.run.random("providers")
        numbers = [(f"ORD-{1001 + index}", dice.random()) for index in range(count)]
        # Three orders at a time, with up to four commands each.
        with concurrent.futures.ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda pair: self.pay_one(data, *pair), numbers))
        # The gateway loses three answers of a key at most; a slow one takes its time.
        for _ in range(12):
            last = self.tool.run(data, "payment", "reconcile")
            if last.code == 0:
                return
        raise shop.Broken(f"what became of payments is still not known: {last}")

    def pay_one(self, data, order, seed):
        dice = random.Random(seed)
        for _ in range(4):
            listed = self.tool.must(data, "payment", "list", "--order", order, "--format", "ids")
            payments = listed.decode().split()
            with concurrent.futures.ThreadPoolExecutor(4) as pool:
                list(pool.map(lambda seed: self.one(data, order, payments, random.Random(seed)),
                              [dice.random() for _ in range(4)]))

    def one(self, data, order, payments, dice):
        """One command of somebody's, which may be killed on its way."""
        retried = ("payment", "capture", order, "--idempotency-key", "web-" + order, *PROVIDER)
        words = dice.choice((
            retried, retried, retried, ("payment", "capture", order, *PROVIDER),
            ("payment", "authorize", order, *PROVIDER), ("payment", "void", order),
            ("payment", "capture", dice.choice(payments)) if payments else retried,
            ("payment", "refund", order, "--amount", "7", "--yes"),
            ("order", "cancel", order, "--yes"), ("payment", "reconcile", order),
            ("payment", "reconcile")))
        process = subprocess.Popen(
            [self.tool.binary, *words, "--wait-lock", "30"], stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=self.tool.environment(data))
        if dice.random() < 0.4:
            time.sleep(dice.random() * 0.08)
            process.send_signal(signal.SIGKILL)
        # Not communicate(): a gateway that outlives its command has the pipe of its errors.
        code = process.wait(timeout=120)
        self.processes += 1
        self.endings[code] += 1
        if code == -signal.SIGKILL:
            self.kills += 1
        elif code not in ENDINGS:
            raise shop.Broken(
                str(shop.Outcome(words, code, b"", os.read(process.stderr.fileno(), 4_096))))
        process.stdout.close()
        process.stderr.close()

    # MARK: The judge

    def movements(self, ledger):
        with open(ledger, encoding="utf-8") as file:
            lines = [json.loads(line) for line in file]
        return [line for line in lines
                if line["kind"] != "try" and line["answer"]["outcome"] == "succeeded"]

    def judge(self, data, ledger, count):
        moved = collections.defaultdict(collections.Counter)
        for line in self.movements(ledger):
            moved[line["order"]][line["kind"]] += line["amount"]
        shown = collections.defaultdict(collections.Counter)
        for payment in self.list(data, "payment", "list"):
            for member in ("captured", "refunded", "voided"):
                if member in payment:
                    shown[payment["order"]][member] += cents(payment[member])
        orders = {order["number"]: order for order in self.list(data, "order", "list")}
        for index in range(count):
            order = f"ORD-{1001 + index}"
            taken, own = moved[order]["charge"] + moved[order]["capture"], shown[order]
            wanted = (taken, moved[order]["refund"], moved[order]["void"])
            if (own["captured"], own["refunded"], own["voided"]) != wanted:
                raise shop.Broken(f"the gateway moved {dict(moved[order])} for {order}, and the "
                                  f"shop says {dict(own)}")
            if taken > PRICE:
                raise shop.Broken(f"{order} costs {PRICE} and was charged {taken}")
            if cents(orders[order]["captured"]) != taken:
                raise shop.Broken(f"{order} does not say what its payments do")
        self.tool.check_doctor(data, shop.INTERRUPTED)

    def list(self, data, *words):
        out = self.tool.must(data, *words, "--format", "jsonl")
        return [json.loads(line) for line in out.splitlines()]


def cents(money):
    return int(money["amount"].replace(".", ""))
