import Catalog
import Orders
package import Primitives
import Storage
import Users

extension Shop {
    /// Why so many units of a SKU are on hand, reserved and available, in each place.
    ///
    /// Reads its movements, and every placed order: an order is the only one to say what it holds.
    ///
    /// - Parameter all: each movement is a step of its own, however many there are.
    /// - Throws: `product-not-found` (3).
    package func explainStock(_ sku: SKU, all: Bool) throws(ShopError) -> Explanation {
        try read(.readStock) { (view, _) throws(ShopError) in
            let product = try view.product(sku)
            var explanation = Explanation(.product(product.sku))
            explanation.states.append(product.saleState)
            guard product.isTracked else {
                explanation.states.append(
                    .init(name: "stock", value: "not counted", because: "it is never short"))
                return explanation
            }
            let level =
                try view.find(StockLevel.self, Records.stock(sku)) ?? StockLevel(product.sku)
            var proof = StockProof(level, keepingAll: all)
            try view.each(StockMovement.self, KeyRange(under: Records.movements(sku))) {
                (movement) throws(ShopError) in
                proof.add(movement)
                return true
            }
            let limit = settings.reservationSeconds.map { moment.adding(seconds: -$0) }
            // The list is the newest first; steps go forward in time.
            for order in try placedOrders(in: view, where: { $0.holds(product.sku) }).reversed() {
                proof.add(order, isOverdue: limit.map(order.isOverdue) ?? false)
            }
            let shown = try OverdueUnits(self, view).freed(level)
            proof.finish(shown, &explanation)
            return explanation
        }
    }
}

/// Adds up the units of one SKU by place.
private struct StockProof {
    private struct Place {
        var onHand: StepList
        var reserved: StepList
    }

    private let level: StockLevel
    private let keepsAll: Bool
    private var places: [LocationName?: Place] = [:]
    private var count: Int64 = 0
    private var onHand: Int64 = 0
    private var problems: [String] = []

    init(_ level: StockLevel, keepingAll: Bool) {
        self.level = level
        keepsAll = keepingAll
        for figures in level.allFigures { places[figures.location] = empty }
    }

    private var empty: Place {
        Place(onHand: StepList(keepingAll: keepsAll), reserved: StepList(keepingAll: keepsAll))
    }

    mutating func add(_ movement: StockMovement) {
        count += 1
        onHand &+= movement.onHand
        if movement.number != count {
            problems.append("movement \(movement.number) stands where \(count) should")
            count = movement.number
        }
        if movement.onHandAfter != onHand {
            problems.append(
                "movement \(movement.number) says \(movement.onHandAfter) on hand, those up to it "
                    + "come to \(onHand)")
            onHand = movement.onHandAfter
        }
        // What is only promised moves nothing; a count that agrees says that it was counted.
        guard movement.onHand != 0 || movement.kind == .count else { return }
        let cause = movement.cause
        let step = Explanation.Step(
            movement.kind.rawValue, of: cause.order?.description, movement.onHand,
            at: cause.at, by: cause.by, note: cause.reason ?? cause.note)
        change(cause.location) { $0.onHand.add(step) }
    }

    private mutating func change(_ location: LocationName?, _ change: (inout Place) -> Void) {
        var place = places.removeValue(forKey: location) ?? empty
        change(&place)
        places[location] = place
    }

    /// - Parameter isOverdue: what it holds is shown as available.
    mutating func add(_ order: Order, isOverdue: Bool) {
        for (sku, count) in order.unshipped where sku == level.sku {
            var step = Explanation.Step(
                "hold", of: order.number.description, count, at: order.placedAt,
                by: order.details.placedBy ?? order.createdBy)
            change(order.location) { $0.reserved.add(step) }
            guard isOverdue else { continue }
            step.what = "overdue"
            step.change = -count
            step.note = "not paid in time"
            change(order.location) { $0.reserved.add(step) }
        }
    }

    /// - Parameter shown: the level as commands show it.
    func finish(_ shown: StockLevel, _ explanation: inout Explanation) {
        let isOne = places.count == 1
        for location in places.keys.sorted(by: { ($0?.text ?? "") < ($1?.text ?? "") }) {
            guard let place = places[location] else { continue }
            let name = isOne ? nil : location.name
            let here = shown.figures(at: location)
            explanation.add("onHand", here.onHand, place.onHand.steps, at: name)
            explanation.add("reserved", here.reserved, place.reserved.steps, at: name)
            explanation.add(
                "available", here.available,
                [.init("onHand", here.onHand), .init("reserved", -here.reserved)], at: name)
        }
        explanation.problems = problems
        if count != level.movements {
            explanation.problems.append(
                "it has \(count) movements, and says that there are \(level.movements)")
        }
    }
}

extension Order {
    fileprivate func holds(_ sku: SKU) -> Bool {
        lines.contains { $0.sku == sku } && unshipped.contains { $0.sku == sku }
    }
}

extension Product {
    fileprivate var saleState: Explanation.State {
        switch status {
        case .active: .init(name: "status", value: status.rawValue, because: "it is for sale")
        case .draft:
            .init(name: "status", value: status.rawValue, because: "it is not for sale yet")
        case .archived:
            .init(name: "status", value: status.rawValue, because: "it is for sale no longer")
        }
    }
}
