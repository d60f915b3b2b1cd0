"""The sqlite3 side: the same records under the same keys and indexes, and the same transactions."""
import time

SCHEMA = """
PRAGMA journal_mode=WAL;
PRAGMA synchronous=FULL;
CREATE TABLE products(sku TEXT PRIMARY KEY, name TEXT, price INTEGER, currency TEXT, category TEXT,
  tags TEXT, description TEXT, status TEXT, created TEXT) WITHOUT ROWID;
CREATE TABLE stock(sku TEXT PRIMARY KEY, on_hand INTEGER, reserved INTEGER, movements INTEGER) WITHOUT ROWID;
CREATE TABLE movements(sku TEXT, number INTEGER, kind TEXT, on_hand INTEGER, reserved INTEGER,
  order_number INTEGER, at TEXT, by TEXT, PRIMARY KEY(sku, number)) WITHOUT ROWID;
CREATE TABLE orders(number INTEGER PRIMARY KEY, reference TEXT, customer TEXT, status TEXT, currency TEXT,
  subtotal INTEGER, shipping INTEGER, tax INTEGER, total INTEGER, captured INTEGER, created_by TEXT,
  created TEXT, placed TEXT);
CREATE TABLE lines(number INTEGER, line INTEGER, sku TEXT, name TEXT, quantity INTEGER, price INTEGER,
  total INTEGER, PRIMARY KEY(number, line)) WITHOUT ROWID;
CREATE TABLE payments(number INTEGER PRIMARY KEY, order_number INTEGER, method TEXT, currency TEXT,
  captured INTEGER, refunded INTEGER, created TEXT);
CREATE INDEX orders_customer ON orders(customer, number);
CREATE INDEX orders_status ON orders(status, number);
CREATE INDEX payments_order ON payments(order_number, number);
CREATE TABLE days(day TEXT PRIMARY KEY, orders INTEGER, units INTEGER, gross INTEGER);
CREATE TABLE audit(tx INTEGER PRIMARY KEY, at TEXT, by TEXT, command TEXT, ids TEXT);
"""

# What `.import` alone is measured on: the file's own columns, with the key it is found by.
RAW_PRODUCTS = """
CREATE TABLE raw(sku TEXT PRIMARY KEY, name TEXT, price TEXT, stock TEXT, category TEXT, tags TEXT,
  description TEXT) WITHOUT ROWID;
"""
RAW_ORDERS = """
CREATE TABLE raw(reference TEXT, customer TEXT, status TEXT, placed TEXT, captured TEXT, method TEXT,
  sku TEXT, name TEXT, quantity TEXT, price TEXT, shipping TEXT, tax TEXT, total TEXT);
CREATE INDEX raw_reference ON raw(reference);
CREATE INDEX raw_customer ON raw(customer);
CREATE INDEX raw_status ON raw(status);
"""

FILL_PRODUCTS = """
INSERT INTO products SELECT sku, name, CAST(round(price * 100) AS INTEGER), 'USD', category, tags,
  description, 'active', '2026-01-01T00:00:00.000Z' FROM raw;
INSERT INTO stock SELECT sku, CAST(stock AS INTEGER), 0, 1 FROM raw;
INSERT INTO movements SELECT sku, 1, 'receive', CAST(stock AS INTEGER), 0, NULL, '2026-01-01T00:00:00.000Z',
  'owner@shop.example' FROM raw;
"""
FILL_ORDERS = """
CREATE TEMP TABLE numbered AS SELECT reference, row_number() OVER (ORDER BY rowid) + 1000 AS number
  FROM raw WHERE customer <> '';
CREATE INDEX temp.numbered_reference ON numbered(reference);
INSERT INTO orders SELECT n.number, r.reference, r.customer, r.status, 'USD', 0,
  CAST(round(r.shipping * 100) AS INTEGER), CAST(round(r.tax * 100) AS INTEGER),
  CAST(round(r.total * 100) AS INTEGER), CAST(round(r.captured * 100) AS INTEGER),
  'owner@shop.example', r.placed, r.placed
  FROM raw r JOIN numbered n USING(reference) WHERE r.customer <> '';
INSERT INTO lines SELECT n.number, row_number() OVER (PARTITION BY n.number ORDER BY r.rowid), r.sku, r.name,
  CAST(r.quantity AS INTEGER), CAST(round(r.price * 100) AS INTEGER),
  CAST(round(r.price * 100) AS INTEGER) * CAST(r.quantity AS INTEGER)
  FROM raw r JOIN numbered n USING(reference);
INSERT INTO payments SELECT row_number() OVER (ORDER BY number) + 1000, number, 'card', 'USD', captured, 0,
  created FROM orders WHERE captured > 0;
INSERT INTO days SELECT substr(placed, 1, 10), count(*), 0, sum(total) FROM orders
  WHERE placed <> '' GROUP BY 1;
"""

SUM_BY_DAY = """
SELECT substr(placed, 1, 10), count(*), sum(total) FROM orders WHERE placed <> '' GROUP BY 1;
"""


def order(customer, items, now=None):
    """One order as `order create` makes it, and its number."""
    now = now or time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime())
    wanted = " UNION ALL ".join(f"SELECT price * {q} p FROM products WHERE sku = '{sku}'" for sku, q in items)
    text = f"""BEGIN IMMEDIATE;
INSERT INTO orders(customer, status, currency, subtotal, total, created_by, created, placed)
  SELECT '{customer}', 'placed', 'USD', sum(p), sum(p), 'owner@shop.example', '{now}', '{now}' FROM ({wanted});
"""
    for line, (sku, q) in enumerate(items, 1):
        text += f"""UPDATE stock SET reserved = reserved + {q}, movements = movements + 1 WHERE sku = '{sku}' AND on_hand - reserved >= {q};
SELECT CASE changes() WHEN 0 THEN 1 / 0 END;
INSERT INTO movements SELECT sku, movements, 'reserve', 0, {q}, (SELECT max(number) FROM orders), '{now}', 'owner@shop.example' FROM stock WHERE sku = '{sku}';
INSERT INTO lines SELECT (SELECT max(number) FROM orders), {line}, sku, name, {q}, price, price * {q} FROM products WHERE sku = '{sku}';
"""
    units = sum(q for _, q in items)
    words = " ".join(f"--item {sku}={q}" for sku, q in items)
    text += f"""INSERT INTO days VALUES('{now[:10]}', 1, {units}, (SELECT total FROM orders ORDER BY number DESC LIMIT 1)) ON CONFLICT(day) DO UPDATE SET orders = orders + 1, units = units + {units}, gross = gross + excluded.gross;
INSERT INTO audit(at, by, command, ids) SELECT '{now}', 'owner@shop.example', 'order create --customer {customer} {words}', 'ORD-' || max(number) FROM orders;
COMMIT;
SELECT 'ORD-' || max(number) FROM orders;
"""
    return text


def ordering(customer, items):
    return ".bail on\nPRAGMA synchronous=FULL;\n" + order(customer, items)
