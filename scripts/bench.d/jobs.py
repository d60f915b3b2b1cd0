"""The jobs that scripts/bench times."""
import os
import random
import shutil
import subprocess
import time

import sql
from timing import alternate, peak, process

SMALL = 1_000


class Shop:
    """A shop of one size on both sides."""

    def __init__(self, bench, name, products, orders):
        self.bench = bench
        self.products = products
        self.orders = orders
        self.directory = f"{bench.work}/{name}"
        self.database = f"{bench.work}/{name}.sqlite"
        self.env = {
            "PATH": os.environ["PATH"], "HOME": bench.work, "SHOPCTL_DATA_DIR": self.directory,
            "SHOPCTL_WAIT_LOCK": "30",
        }
        self.product_file = f"{bench.work}/{name}-products.csv"
        self.order_file = f"{bench.work}/{name}-orders.csv"

    def shopctl(self, *words, output=None):
        return process([self.bench.tool, *words], self.env, output=output)

    def sqlite(self, text, output=None):
        return process(["sqlite3", self.database], self.env, text=text, output=output)

    def write_files(self):
        for kind, count, path, more in (
            ("products", self.products, self.product_file, []),
            ("orders", self.orders, self.order_file, ["--products", str(self.products)]),
        ):
            if not os.path.exists(path):
                process(
                    ["python3", f"{self.bench.root}/scripts/bench-data", kind, str(count), *more],
                    self.env, output=path + ".part")
                os.rename(path + ".part", path)

    def build(self):
        """Fills both sides, where they are not there yet. Returns what each import took."""
        self.write_files()
        done = self.directory + ".done"
        if os.path.exists(done):
            return None
        shutil.rmtree(self.directory, ignore_errors=True)
        for end in ("", "-wal", "-shm"):
            if os.path.exists(self.database + end):
                os.unlink(self.database + end)
        self.shopctl("init", "--currency", "USD")
        figures = {}
        figures["products"] = self.shopctl("import", "products", "-f", self.product_file)
        figures["orders"] = self.shopctl("import", "orders", "-f", self.order_file)
        figures["memory"] = self.memory_of_imports()
        if not self.bench.alone:
            self.build_database(figures)
        password = self.bench.work + "/password"
        if not os.path.exists(password):
            with open(os.open(password, os.O_WRONLY | os.O_CREAT, 0o600), "w") as out:
                out.write("correct horse battery staple\n")
        self.shopctl("user", "signup", "owner@shop.example", "--password-file", password)
        self.shopctl("user", "signin", "owner@shop.example", "--password-file", password)
        open(done, "w").close()
        return figures

    def build_database(self, figures):
        self.sqlite(sql.SCHEMA)
        for kind, raw, fill, path in (
            ("products", sql.RAW_PRODUCTS, sql.FILL_PRODUCTS, self.product_file),
            ("orders", sql.RAW_ORDERS, sql.FILL_ORDERS, self.order_file),
        ):
            self.sqlite(raw)
            figures[kind + ".import"] = self.sqlite(
                f"PRAGMA synchronous=FULL;\n.mode csv\n.import --skip 1 {path} raw\n")
            figures[kind + ".fill"] = self.sqlite("PRAGMA synchronous=FULL;\nBEGIN;\n" + fill + "COMMIT;\n")
            self.sqlite("DROP TABLE raw;")

    def memory_of_imports(self):
        """Peak memory of the same imports into another shop; None where nothing measures it."""
        other = {**self.env, "SHOPCTL_DATA_DIR": self.directory + "-again"}
        try:
            process([self.bench.tool, "init", "--currency", "USD"], other)
            return {
                kind: peak([self.bench.tool, "import", kind, "-f", path], other)
                for kind, path in (("products", self.product_file), ("orders", self.order_file))
            }
        finally:
            shutil.rmtree(self.directory + "-again", ignore_errors=True)

    def warm(self):
        """Reads both sides once, so that neither waits for the disk where the other does not."""
        for folder, _, names in os.walk(self.directory):
            for name in names:
                with open(os.path.join(folder, name), "rb") as file:
                    while file.read(1 << 20):
                        pass
        if not self.bench.alone:
            with open(self.database, "rb") as file:
                while file.read(1 << 20):
                    pass

    def sku(self):
        return f"SKU-{random.randrange(self.products):07d}"

    def items(self):
        first, second = self.sku(), self.sku()
        while second == first:
            second = self.sku()
        return [(first, 2), (second, 1)]

    def customer(self):
        return f"customer{random.randrange(max(1, self.orders // 5))}@mail.example"

    def order_words(self, customer, items):
        words = ["order", "create", "--customer", customer]
        for sku, quantity in items:
            words += ["--item", f"{sku}={quantity}"]
        return words


class Bench:
    def __init__(self, root, work, scale, runs, table, alone):
        self.alone = alone
        self.root = root
        self.work = work
        self.runs = runs
        self.table = table
        self.tool = os.path.abspath(work) + "/bin/shopctl"
        products = min(scale, 1_000_000)
        self.large = Shop(self, f"shop-{scale}", products, scale)
        self.small = Shop(self, f"shop-{SMALL}", SMALL, SMALL)
        self.imports = None

    def prepare(self):
        self.table.say(f"building {self.large.products:,} products and {self.large.orders:,} orders …")
        self.imports = self.large.build()
        self.small.build()
        self.large.warm()

    def memory(self, job, bytes, limit, goal):
        if bytes is None:
            self.table.say(f"    {job}: not measured, there is no GNU time here")
        else:
            self.table.add(job, bytes / 1e6, limit, goal, " MB")

    # One method for each job.

    def import_job(self):
        if not self.imports:
            self.table.say("import: the data was there already; not timed")
            return
        for kind, count in (("products", self.large.products), ("orders", self.large.orders)):
            took, cpu = self.imports[kind]
            if self.alone:
                self.table.say(f"import of {count:,} {kind}: {took:.2f} s ({cpu:.2f} s of CPU)")
                self.memory(f"import of {kind}, peak memory", self.imports["memory"][kind], 400, 200)
                continue
            alone, fill = self.imports[kind + ".import"][0], self.imports[kind + ".fill"][0]
            self.table.say(
                f"import of {count:,} {kind}: {took:.2f} s ({cpu:.2f} s of CPU); "
                f"sqlite3 .import alone {alone:.2f} s, the tables from it {fill:.2f} s")
            self.table.add(f"import of {kind} / sqlite3 .import", took / alone, 1, 0.5)
            self.table.add(f"import of {kind} / .import and the same tables", took / (alone + fill), 1, 0.5)
            self.memory(f"import of {kind}, peak memory", self.imports["memory"][kind], 400, 200)

    def create_job(self):
        def ours(shop):
            return lambda turn: shop.shopctl(*shop.order_words(shop.customer(), shop.items()))

        def theirs(turn):
            return self.large.sqlite(sql.ordering(self.large.customer(), self.large.items()))

        sides = [ours(self.large), ours(self.small)] + ([] if self.alone else [theirs])
        large, small, *sqlite = alternate(self.runs, *sides, warmup=12)
        self.table.say(f"order create, {self.runs} alternating processes")
        for name, sample in zip(("shopctl", f"shopctl, {SMALL:,}", "sqlite3"), [large, small, *sqlite]):
            self.table.say(f"  {name:<16} {sample}")
        if sqlite:
            self.table.add("order create / sqlite3", large.median / sqlite[0].median, 0.75, 0.5)
        self.table.add(f"order create, this scale / {SMALL:,}", large.median / small.median, 1.25, 1.1)
        self.table.add("order create, p99 / median", large.p99 / large.median, 4, 3)
        self.table.add("order create, worst / median", large.worst / large.median, 25, 15)
        words = self.large.order_words(self.large.customer(), self.large.items())
        self.memory("order create, peak memory", peak([self.tool, *words], self.large.env), 15, 8)

    def show_job(self):
        def number():
            return 1001 + random.randrange(self.large.orders)

        jobs = (
            ("order show", lambda: ("order", "show", f"ORD-{number()}"),
             lambda: "SELECT * FROM orders WHERE number = {0};\nSELECT * FROM lines WHERE number = {0};\n"
                     "SELECT * FROM payments WHERE order_number = {0};".format(number())),
            ("product show", lambda: ("product", "show", self.large.sku()),
             lambda: "SELECT * FROM products JOIN stock USING(sku) WHERE sku = '{}';".format(self.large.sku())),
            ("order list --limit 20", lambda: ("order", "list", "--limit", "20"),
             lambda: "SELECT number, customer, status, total, created FROM orders ORDER BY number DESC LIMIT 20;"),
        )
        for name, words, query in jobs:
            ours, theirs = alternate(
                min(self.runs, 200), lambda turn: self.large.shopctl(*words()),
                lambda turn: self.large.sqlite(query()), warmup=5)
            self.table.say(f"{name}\n  shopctl {ours}\n  sqlite3 {theirs}")
            self.table.add(f"{name} / sqlite3", ours.median / theirs.median, 0.8, 0.6)
            self.memory(f"{name}, peak memory", peak([self.tool, *words()], self.large.env), 15, 8)

    def scan_job(self):
        ours, theirs = alternate(
            5, lambda turn: self.large.shopctl("report", "sales", "--scan", "--fields", "day,orders,gross", "--format", "csv"),
            lambda turn: self.large.sqlite(sql.SUM_BY_DAY), warmup=1)
        self.table.say(f"sum of totals by day\n  shopctl {ours}\n  sqlite3 {theirs}")
        self.table.add("sum by day, scanned / sqlite3", ours.median / theirs.median, 1, 0.5)
        if shutil.which("jq"):
            program = ("reduce inputs as $o ({}; if $o.placedAt then .[$o.placedAt[:10]] += $o.total else . end)")
            took = process(
                ["sh", "-c", f"cat {self.large.directory}/orders/orders-[0-9]*.jsonl | grep -v '^{{\"\\(block\\|index\\|end\\)\"' | jq -n '{program}'"],
                self.large.env)[0]
            self.table.say(f"  jq      {took * 1e3:.2f} ms")
            self.table.add("sum by day, scanned / jq", ours.median / took, 0.1, 0.05)

    def past_job(self):
        """The shop as it stood before 2,000 records changed: 400 orders of two lines."""
        shop = self.large
        moment = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        time.sleep(1.1)
        commands = f"{self.work}/since.txt"
        with open(commands, "w") as file:
            for _ in range(400):
                file.write(" ".join(shop.order_words(shop.customer(), shop.items())) + "\n")
        shop.shopctl("run", "--group", commands)
        for words in (("order", "list", "--limit", "20"),
                      ("order", "show", f"ORD-{1001 + random.randrange(shop.orders)}"),
                      ("product", "show", shop.sku())):
            name = " ".join(words[:2])
            past, now = alternate(
                min(self.runs, 60), lambda turn: shop.shopctl(*words, "--as-of", moment),
                lambda turn: shop.shopctl(*words), warmup=3)
            self.table.say(f"{name}, as of 400 orders ago\n  then {past}\n  now  {now}")
            self.table.add(f"{name} --as-of, 400 orders ago", past.median * 1e3, 500, 50, " ms")

    def run_job(self):
        count = 20_000
        shop = self.large
        commands, statements = f"{self.work}/orders.txt", f"{self.work}/orders.sql"
        with open(commands, "w") as ours, open(statements, "w") as theirs:
            theirs.write(".bail on\nPRAGMA synchronous=FULL;\n")
            for _ in range(count):
                customer, items = shop.customer(), shop.items()
                ours.write(" ".join(shop.order_words(customer, items)) + "\n")
                theirs.write(sql.order(customer, items, "2026-01-01T00:00:00.000Z"))
        with open(statements) as file:
            text = file.read()
        line = b"x" * 2_200 + b"\n"

        def raw(turn):
            path = f"{self.work}/raw"
            file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
            start = time.perf_counter()
            for _ in range(count):
                os.write(file, line)
                os.fdatasync(file)
            took = time.perf_counter() - start
            os.close(file)
            os.unlink(path)
            return took, 0

        def ours(*flags):
            return lambda turn: shop.shopctl("run", *flags, commands)

        each, sqlite, append, group = alternate(
            3, ours(), lambda turn: shop.sqlite(text), raw, ours("--group"))
        self.table.say(f"{count:,} orders in one process")
        for name, sample in (
            ("run", each), ("sqlite3", sqlite), ("append+fdatasync", append), ("run --group", group)):
            self.table.say(f"  {name:<18}{count / sample.median:10,.0f} a second")
        self.table.add("run, rate / sqlite3's", sqlite.median / each.median, 1.5, 1.5, least=True)
        self.table.add("run, rate / append+fdatasync's", append.median / each.median, 0.8, 0.9, least=True)
        self.table.add("run --group, orders a second", count / group.median, 30_000, 80_000, least=True)

    def space_job(self):
        """Disk space over the records as compact JSON Lines, without the stored key."""
        compact = 0
        for name in ("catalog", "orders", "payments", "users", "index"):
            folder = f"{self.large.directory}/{name}"
            for entry in os.scandir(folder):
                if "-list-" in entry.name:
                    continue
                with open(entry.path, "rb") as file:
                    for line in file:
                        if not line.startswith(b'{"key":"'):
                            break
                        compact += len(line) - line.index(b'"', 8)
        used = int(subprocess.run(
            ["du", "-s", "--block-size=1", self.large.directory], capture_output=True, text=True,
            check=True).stdout.split()[0])
        self.table.say(f"{used / 1e6:,.0f} MB on the disk for {compact / 1e6:,.0f} MB of records")
        self.table.add("disk space / compact JSON Lines", used / compact, 1.4, 1.2)
