// Times the readers and writers of Formats on generated order records, on one core:
//   swift build -c release --product formats-bench && .build/release/formats-bench [MEGABYTES]
// Every figure is the median of seven runs. Foundation's decoder reads the same records beside
// ours; the ratio is what matters on a noisy machine.

import Formats
import Foundation

/// An order as the shop stores it, with every member read.
struct BenchOrder: Codable {
    struct Line: Codable {
        var sku = ""
        var name = ""
        var quantity: Int64 = 0
        var unitPrice: Int64 = 0
        var tax: Int64 = 0
        var total: Int64 = 0
    }

    var number: Int64 = 0
    var customer = ""
    var status = ""
    var currency = ""
    var lines: [Line] = []
    var subtotal: Int64 = 0
    var shipping: Int64 = 0
    var tax: Int64 = 0
    var total: Int64 = 0
    var captured: Int64 = 0
    var refunded: Int64 = 0
    var createdBy = ""
    var createdAt = ""
    var placedAt = ""
}

extension BenchOrder {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "number": number = try reader.int64()
            case "customer": customer = try reader.string()
            case "status": status = try reader.string()
            case "currency": currency = try reader.string()
            case "lines":
                try reader.beginArray()
                while try reader.nextElement() { lines.append(try Line(from: &reader)) }
            case "subtotal": subtotal = try reader.int64()
            case "shipping": shipping = try reader.int64()
            case "tax": tax = try reader.int64()
            case "total": total = try reader.int64()
            case "captured": captured = try reader.int64()
            case "refunded": refunded = try reader.int64()
            case "createdBy": createdBy = try reader.string()
            case "createdAt": createdAt = try reader.string()
            case "placedAt": placedAt = try reader.string()
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("number", number)
        writer.member("customer", customer)
        writer.member("status", status)
        writer.member("currency", currency)
        writer.name("lines")
        writer.beginArray()
        for line in lines { line.write(to: &writer) }
        writer.endArray()
        writer.member("subtotal", subtotal)
        writer.member("shipping", shipping)
        writer.member("tax", tax)
        writer.member("total", total)
        writer.member("captured", captured)
        writer.member("refunded", refunded)
        writer.member("createdBy", createdBy)
        writer.member("createdAt", createdAt)
        writer.member("placedAt", placedAt)
        writer.endObject()
    }

    static func sample(_ number: Int) -> BenchOrder {
        var order = BenchOrder()
        order.number = Int64(number)
        order.customer = "customer\(number % 9_973)@shop.example"
        order.status = number % 5 == 0 ? "completed" : "placed"
        order.currency = "EUR"
        for line in 0..<number % 3 + 1 {
            order.lines.append(
                Line(
                    sku: "SKU-\(number % 70_000 + line)", name: "Produktname Nº \(number % 911)",
                    quantity: Int64(line + 1), unitPrice: 1_299, tax: 0,
                    total: 1_299 * Int64(line + 1)))
        }
        order.subtotal = order.lines.reduce(0) { $0 + $1.total }
        order.total = order.subtotal
        order.createdBy = "owner@shop.example"
        order.createdAt = "2026-11-23T18:31:07.123Z"
        order.placedAt = order.createdAt
        return order
    }
}

extension BenchOrder.Line {
    init(from reader: inout JSONReader) throws(JSONError) {
        try reader.beginObject()
        while let name = try reader.nextMember() {
            switch name {
            case "sku": sku = try reader.string()
            case "name": self.name = try reader.string()
            case "quantity": quantity = try reader.int64()
            case "unitPrice": unitPrice = try reader.int64()
            case "tax": tax = try reader.int64()
            case "total": total = try reader.int64()
            default: try reader.skip()
            }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("sku", sku)
        writer.member("name", name)
        writer.member("quantity", quantity)
        writer.member("unitPrice", unitPrice)
        writer.member("tax", tax)
        writer.member("total", total)
        writer.endObject()
    }
}

/// Reads every record of a JSON Lines text; what is read is summed, so that nothing is skipped.
func readAll(_ text: [UInt8], _ read: (inout JSONReader) throws(JSONError) -> Int64) -> Int64 {
    text.withUnsafeBytes { bytes in
        var sum: Int64 = 0
        var start = 0
        while start < bytes.count, let newline = bytes[start...].firstIndex(of: 0x0a) {
            var reader = JSONReader(UnsafeRawBufferPointer(rebasing: bytes[start..<newline]))
            do throws(JSONError) { sum += try read(&reader) } catch { return -1 }
            start = newline + 1
        }
        return sum
    }
}

/// MB/s of the median of seven runs over `bytes` bytes.
func rate(_ bytes: Int, runs: Int = 7, _ body: () -> Int64) -> Double {
    let clock = ContinuousClock()
    var seconds: [Double] = []
    var check: Int64 = 0
    for _ in 0..<runs {
        let took = clock.measure { check &+= body() }
        seconds.append(Double(took.components.attoseconds) / 1e18 + Double(took.components.seconds))
    }
    precondition(check != 0, "nothing was done")
    return Double(bytes) / seconds.sorted()[runs / 2] / 1e6
}

func show(_ name: String, _ rate: Double, _ note: String = "") {
    let figure = String(repeating: " ", count: max(0, 6 - String(Int(rate)).count)) + "\(Int(rate))"
    print(name + String(repeating: " ", count: max(1, 34 - name.count)) + figure + " MB/s" + note)
}

let megabytes = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 32
var orders: [BenchOrder] = []
var text: [UInt8] = []
while text.count < megabytes * 1_000_000 {
    let order = BenchOrder.sample(orders.count + 1_001)
    var writer = JSONWriter()
    order.write(to: &writer)
    text += writer.bytes + [0x0a]
    orders.append(order)
}
print("\(orders.count) order records, \(text.count / 1_000_000) MB, one core")

let typed = rate(text.count) {
    readAll(text) { (reader) throws(JSONError) in
        let order = try BenchOrder(from: &reader)
        return order.total &+ Int64(order.lines.count) &+ Int64(order.customer.utf8.count)
    }
}
show("JSON, every member into a struct", typed)
show(
    "JSON, validated and passed over",
    rate(text.count) {
        readAll(text) { (reader) throws(JSONError) in
            try reader.skip()
            return 1
        }
    })

let few = orders.prefix(4_000)
let fewLines = few.map { order in
    var writer = JSONWriter()
    order.write(to: &writer)
    return Data(writer.bytes)
}
let decoder = JSONDecoder()
let foundation = rate(fewLines.reduce(0) { $0 + $1.count }, runs: 3) {
    fewLines.reduce(Int64(0)) { sum, line in
        sum + ((try? decoder.decode(BenchOrder.self, from: line))?.total ?? -1)
    }
}
let ratio = String(format: "%.1f", typed / foundation)
show("JSON, Foundation's JSONDecoder", foundation, "   (ours is \(ratio) times as fast)")
show(
    "JSON, written",
    rate(text.count) {
        var count: Int64 = 0
        for order in orders {
            var writer = JSONWriter()
            order.write(to: &writer)
            count += Int64(writer.bytes.count)
        }
        return count
    })

var csv = CSVWriter()
for order in orders {
    csv.record([
        String(order.number), order.customer, order.lines[0].name, "12.99", "10",
        "Home > Kitchen", "a, \"quoted\" cell", "",
    ])
}
let table = csv.bytes
show(
    "CSV, fields as bytes",
    rate(table.count) {
        let reader = CSVReader(table)
        var sum: Int64 = 0
        while (try? reader.next()) == true {
            sum += Int64(reader.fieldCount + reader.bytes(1).count)
        }
        return sum
    })
show("CRC-32", rate(text.count) { Int64(CRC32.of(text)) | 1 })
show("SHA-256", rate(text.count, runs: 3) { Int64(SHA256.of(text)[0]) | 1 })
