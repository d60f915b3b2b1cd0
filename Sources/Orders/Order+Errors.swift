import Primitives

extension ShopError {
    static var orderEmpty: ShopError {
        ShopError(
            .usage, "order-empty", "an order needs at least one item", at: "--item",
            try: ["--item MUG-1=2"])
    }

    static func negativeShipping(_ amount: Money) -> ShopError {
        ShopError(.refused, "negative-shipping", "shipping cannot cost \(amount)", at: "--shipping")
    }

    static func notPossible(_ event: String, _ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-\(event)",
            "\(order.number) cannot be \(event): it is \(order.status.rawValue)",
            try: ["shopctl order show \(order.number)"])
    }

    static func notCancellable(_ order: Order) -> ShopError {
        let state = order.shipments.isEmpty ? order.status.rawValue : "shipped"
        return ShopError(
            .conflict, "order-not-cancellable",
            "\(order.number) cannot be cancelled: it is \(state)",
            why: "what has left the shop comes back as a return; what has not is cancelled by item",
            try: ["shopctl order show \(order.number)"])
    }

    static func hasPayment(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-has-payment",
            "\(order.number) cannot be cancelled: \(order.paid) captured are not refunded",
            why: "money is never refunded silently, and never kept silently",
            try: [
                "shopctl payment refund \(order.number) --full",
                "shopctl order cancel \(order.number) --refund",
            ], details: [.init("paid", order.paid.decimalText)])
    }

    static func notPayable(_ order: Order) -> ShopError {
        ShopError(
            .conflict, "order-not-payable",
            "no money can be captured for \(order.number): it is \(order.status.rawValue)",
            try: ["shopctl order show \(order.number)"])
    }

    static func notAboveZero(_ amount: Money, _ order: Order) -> ShopError {
        ShopError(
            .refused, "amount-not-positive",
            "\(amount) cannot be captured or refunded for \(order.number)",
            at: "--amount", why: "an amount of money to move is above zero",
            try: ["--amount 12.99"])
    }

    static func overCapture(_ order: Order, _ amount: Money) -> ShopError {
        var suggestions: [String] = []
        if !order.due.isZero {
            suggestions = [
                "shopctl payment capture \(order.number) --amount \(order.due.decimalText)"
                    + " --method cash"
            ]
        }
        return ShopError(
            .refused, "over-capture",
            "\(amount) is more than what is due on \(order.number): \(order.due) of \(order.total)",
            at: "--amount", try: suggestions,
            details: [
                .init("due", order.due.decimalText), .init("captured", order.captured.decimalText),
            ])
    }

    static func overRefundOfOrder(_ order: Order, _ amount: Money) -> ShopError {
        ShopError(
            .refused, "over-refund",
            "a refund of \(amount) is more than what is left of \(order.number): captured "
                + "\(order.captured), refunded \(order.refunded)",
            at: "--amount",
            try: order.paid.isZero ? [] : ["shopctl payment refund \(order.number) --full"])
    }
}
