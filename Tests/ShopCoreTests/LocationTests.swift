import Catalog
import Orders
import Primitives
import ShopCore
import TestSupport
import Testing

/// Units in several places, beside a naive model of them.
@Suite struct LocationTests {
    private struct Place { var onHand: Int64 = 0, reserved: Int64 = 0 }

    private struct Held {
        let sku: SKU
        let location: LocationName?
        let count: Int64
        var isOpen = true
    }

    private typealias Model = [SKU: [LocationName?: Place]]

    private func code(_ body: () throws -> Void) throws -> String {
        do { try body() } catch let error as ShopError { return error.code }
        return "ok"
    }

    private func shop(_ directory: TemporaryDirectory) throws -> Shop {
        let store = Shop.store(at: directory.file("shop"), thresholds: ShopModelTests.tiny)
        try Shop.create(
            in: store, currency: Currency(parsing: "USD"), timeZone: .utc, clock: .ticking(),
            random: .seeded(1))
        return try Shop(
            store, clock: .ticking(), random: .seeded(2), request: .init(command: "test"))
    }

    @Test(
        "random movements between places do what a naive model does, and keep I1, I2 and I5",
        arguments: 1...4 as ClosedRange<UInt64>)
    func model(seed: UInt64) throws {
        let directory = try TemporaryDirectory()
        let shop = try shop(directory)
        var random = SeededRandom(seed: seed)
        let places: [LocationName?] = [
            nil, LocationName(stored: "back"), LocationName(stored: "van"),
        ]
        for name in places.compactMap({ $0 }) { _ = try shop.addLocation(name) }
        let skus = try ["A-1", "B-2"].map { try SKU(parsing: $0) }
        for sku in skus {
            var draft = Product.Draft()
            draft.name = "Thing"
            draft.price = Money(minorUnits: 500, shop.currency)
            _ = try shop.addProduct(sku, draft, stock: 0)
        }
        var (model, orders) = (Model(), [Held]())
        for step in 0..<300 {
            let at: Comment = "\(random), step \(step)"
            let (sku, here) = (random.one(of: skus), random.one(of: places))
            let count = random.number(1...6)
            let units = try Quantity(count)
            let free = model[sku, default: [:]][here, default: Place()]
            let available = free.onHand - free.reserved
            func change(_ place: LocationName?, _ body: (inout Place) -> Void) {
                body(&model[sku, default: [:]][place, default: Place()])
            }
            switch random.number(0...6) {
            case 0:
                _ = try shop.receiveStock(sku, units, at: here, note: nil)
                change(here) { $0.onHand += count }
            case 1:
                let there = random.one(of: places)
                let result = try code {
                    _ = try shop.transferStock(sku, units, from: here, to: there, note: nil)
                }
                let expected =
                    there == here
                    ? "same-location" : count > available ? "stock-below-reserved" : "ok"
                #expect(result == expected, at)
                guard result == "ok" else { break }
                change(here) { $0.onHand -= count }
                change(there) { $0.onHand += count }
            case 2:
                let result = try code {
                    _ = try shop.writeOffStock(sku, units, reason: "lost", at: here, note: nil)
                }
                #expect(result == (count > available ? "stock-below-reserved" : "ok"), at)
                if result == "ok" { change(here) { $0.onHand -= count } }
            case 3:
                let found = try code {
                    _ = try shop.countStock([(sku, count)], at: here, note: nil)
                }
                let isShort = count < free.onHand && count < free.reserved
                #expect(found == (isShort ? "stock-below-reserved" : "ok"), at)
                if found == "ok" { change(here) { $0.onHand = count } }
            case 4, 5:
                var request = Shop.OrderRequest(
                    customer: try EmailAddress(parsing: "a@x.example"),
                    items: [.init(sku: sku, quantity: units)])
                request.location = here
                let wish = request
                let result = try code { _ = try shop.createOrder(wish) }
                #expect(result == (count > available ? "insufficient-stock" : "ok"), at)
                guard result == "ok" else { break }
                change(here) { $0.reserved += count }
                orders.append(Held(sku: sku, location: here, count: count))
            default: try finish(&model, &orders, shop, &random)
            }
            guard step % 10 == 0 || step == 299 else { continue }
            try compare(model, places, shop, at)
        }
        #expect(orders.count > 20)
    }

    /// The oldest open order leaves, or is cancelled.
    private func finish(
        _ model: inout Model, _ orders: inout [Held], _ shop: Shop, _ random: inout SeededRandom
    ) throws {
        guard let index = orders.firstIndex(where: \.isOpen) else { return }
        let order = orders[index]
        let number = OrderNumber(1001 + Int64(index))
        let leaves = random.chance(1, in: 2)
        if leaves {
            _ = try shop.shipOrder(number, carrier: nil, tracking: nil)
        } else {
            _ = try shop.cancelOrder(number, reason: nil, refunding: false)
        }
        orders[index].isOpen = false
        model[order.sku]?[order.location]?.reserved -= order.count
        if leaves { model[order.sku]?[order.location]?.onHand -= order.count }
    }

    private func compare(
        _ model: Model, _ places: [LocationName?], _ shop: Shop, _ at: Comment
    ) throws {
        #expect(try shop.violations() == [], at)
        for (sku, there) in model {
            let level = try shop.stock([sku])[0]
            #expect(level.onHand == there.values.reduce(0) { $0 + $1.onHand }, at)
            for place in places {
                let (told, known) = (level.figures(at: place), there[place] ?? Place())
                #expect(told.onHand == known.onHand && told.reserved == known.reserved, at)
            }
        }
    }

    @Test("a place that was never added is refused, whatever is to be done there")
    func unknownPlaces() throws {
        let directory = try TemporaryDirectory()
        let shop = try shop(directory)
        let (mug, none) = (try SKU(parsing: "MUG-1"), LocationName(stored: "none"))
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 500, shop.currency)
        _ = try shop.addProduct(mug, draft, stock: 5)
        let one = try Quantity(1)
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "a@x.example"),
            items: [.init(sku: mug, quantity: one)])
        request.location = none
        let wish = request
        let tries: [() throws -> Void] = [
            { _ = try shop.receiveStock(mug, one, at: none, note: nil) },
            { _ = try shop.adjustStock(mug, by: 1, reason: "found", at: none, note: nil) },
            { _ = try shop.countStock([(mug, 1)], at: none, note: nil) },
            { _ = try shop.writeOffStock(mug, one, reason: "lost", at: none, note: nil) },
            { _ = try shop.transferStock(mug, one, from: nil, to: none, note: nil) },
            { _ = try shop.transferStock(mug, one, from: none, to: nil, note: nil) },
            { _ = try shop.stock([mug], in: .one(none)) },
            { _ = try shop.createOrder(wish) },
        ]
        for attempt in tries { #expect(try code(attempt) == "location-not-found") }
    }

    @Test("what is returned goes back to where the order left from")
    func returns() throws {
        let directory = try TemporaryDirectory()
        let shop = try shop(directory)
        let (mug, back) = (try SKU(parsing: "MUG-1"), LocationName(stored: "back"))
        _ = try shop.addLocation(back)
        var draft = Product.Draft()
        draft.name = "Mug"
        draft.price = Money(minorUnits: 500, shop.currency)
        _ = try shop.addProduct(mug, draft, stock: 5)
        _ = try shop.transferStock(mug, Quantity(3), from: nil, to: back, note: nil)
        var request = Shop.OrderRequest(
            customer: try EmailAddress(parsing: "a@x.example"),
            items: [.init(sku: mug, quantity: try Quantity(3))])
        request.location = back
        let order = try shop.createOrder(request).number
        _ = try shop.shipOrder(order, carrier: nil, tracking: nil)
        #expect(try shop.stock([mug])[0].places.isEmpty)
        _ = try shop.returnUnits(
            of: order, [UnitCount(sku: mug, count: 2)], .restock, reason: nil)
        _ = try shop.returnUnits(
            of: order, [UnitCount(sku: mug, count: 1)], .writeOff, reason: nil)
        #expect(try shop.stock([mug])[0].figures(at: back).onHand == 2)
        #expect(try shop.violations() == [])
    }
}
