import Formats
import Orders
package import Payments
package import Primitives
import Storage
import Users

/// Money that a provider moves.
///
/// ```
///   transaction 1        no lock            transaction 2
///   intent on record ─▶ provider asked ─▶ answer on record
///         └── crash, silence: unknown ──▶ reconcile asks again, with the same key
/// ```
/// What is asked is durable before anybody is asked, and blocks every other charge of the order
/// until the answer is on record. So a crash anywhere leaves a question that can be asked again,
/// and never a second one.
extension Shop {
    /// What a provider is to hold or take for an order.
    package struct Charge: Sendable {
        package var order: OrderNumber
        package var provider: String
        /// The provider's name for the customer's card or wallet.
        package var token: String?
        /// nil: what is due and not held yet.
        package var amount: Money?
        package var reference: String?
        /// Only held, to be captured later.
        package var isHold = false

        package init(_ order: OrderNumber, by provider: String, token: String?) {
            self.order = order
            self.provider = provider
            self.token = token
        }
    }

    /// Has a provider hold or take money for an order.
    ///
    /// - Throws: `unknown-provider` (78), `order-not-found` (3), `order-not-payable`,
    ///   `payment-unknown` (5), `over-capture`; `payment-declined`, `action-required` (6),
    ///   `payment-failed` (1), `provider-silent` (71).
    package func charge(_ charge: Charge) throws(ShopError) -> Payment {
        let asked = try change(.capturePayments) { (work) throws(ShopError) in
            _ = try provider(charge.provider)
            let before = try work.transaction.order(charge.order)
            var order = before
            let amount = charge.amount ?? order.unsecured
            if amount.isZero, order.takesMoney { throw .nothingDue(order) }
            try order.checkSecuring(amount)
            var counters = try work.transaction.counters()
            let number = counters.nextPayment()
            let note = PaymentEntry.Note(at: work.at, by: work.by, reference: charge.reference)
            let payment = try Payment(
                number, for: charge.order, .card, by: charge.provider,
                asking: intent(
                    charge.isHold ? .authorize : .charge, amount, of: number, note,
                    token: charge.token))

            // After this point the provider is asked.
            work.transaction.put(counters)
            work.save(payment, was: nil, of: &order)
            work.save(order, was: before)
            work.transaction.ids = [number.description, charge.order.description]
            return payment
        }
        return try settled(asked)
    }

    /// What is about to be asked, under a key that nobody has used.
    func intent(
        _ kind: PaymentIntent.Kind, _ amount: Money, of number: PaymentNumber,
        _ note: PaymentEntry.Note, token: String? = nil, restocked: [PaymentEntry.Restock] = []
    ) -> PaymentIntent {
        let key = "\(number)-\(Hex.encode(random.next(8)))"
        unasked.insert(key)
        return PaymentIntent(
            kind, amount, key: key, note, token: token, restocked: restocked,
            requestKey: request.idempotencyKey?.text)
    }

    // MARK: - Asking and recording

    /// Asks for what is pending in payments, each of them whatever becomes of the others.
    func settled(_ asked: RecordList<Payment>) throws(ShopError) -> RecordList<Payment> {
        var settled: [Payment] = []
        var problems: [ShopError] = []
        for payment in asked.items {
            do throws(ShopError) {
                settled.append(try self.settled(payment))
            } catch {
                problems.append(error)
            }
        }
        if let error = ShopError.combining(problems) { throw error }
        return RecordList(settled)
    }

    /// Asks for what is pending in a payment, and says what came of it.
    ///
    /// - Parameter asked: as it was stored with the intent, by this command or one that it repeats.
    func settled(_ asked: Payment) throws(ShopError) -> Payment {
        guard let intent = asked.pending else { return try asked.checkAnswer() }
        guard !request.isDryRun else { return asked }
        let now = try store.read { (view) throws(ShopError) in try view.payment(asked.number) }
        // Somebody else has asked meanwhile.
        guard now.pending?.key == intent.key else { return try now.checkAnswer() }
        return try ask(now).checkAnswer()
    }

    /// Asks the provider and puts its answer on record. Nothing is locked meanwhile.
    ///
    /// - Throws: `unknown-provider` (78), `provider-silent` (71).
    func ask(_ payment: Payment) throws(ShopError) -> Payment {
        guard let intent = payment.pending else { return payment }
        let provider = try provider(payment.provider)
        let isFirst = unasked.remove(intent.key) != nil
        var wasAsked = false
        if !isFirst { try checkKeyIsGood(payment, provider.keyHours) }
        do throws(ShopError) {
            let asked = isFirst ? payment : try repeated(payment)
            guard asked.pending?.key == intent.key, let request = ProviderRequest(asked) else {
                return asked
            }
            let outcome = try store.releasingLock { () throws(ShopError) in
                wasAsked = true
                return provider.answer(request)
            }
            if case .unknown(let why) = outcome { throw ShopError.noAnswer(payment, why) }
            let now = try record(outcome, of: payment)
            guard case .unreached(_, let why) = outcome, now.pending?.key == intent.key else {
                return now
            }
            throw ShopError.noAnswer(payment, "it was not reached this time, \(why)")
        } catch {
            // The question itself could not be made durable with others of its group.
            guard wasAsked || !isFirst else { throw error }
            // What kept the answer from being on record: it may be asked for again.
            guard error.code != "provider-silent" else { throw error }
            throw .noAnswer(payment, error.message)
        }
    }

    /// Puts on record that the same is asked for again, unless it was answered meanwhile: from then
    /// on, that a provider is not reached does not mean that nothing happened.
    private func repeated(_ payment: Payment) throws(ShopError) -> Payment {
        guard payment.pending?.isRepeated == false else { return payment }
        return try asking { (work) throws(ShopError) in
            let before = try work.transaction.payment(payment.number)
            guard before.pending?.key == payment.pending?.key else { return before }
            var now = before
            now.askAgain()
            work.transaction.put(now)
            work.transaction.ids = [payment.number.description]
            return now
        }
    }

    /// Puts an answer on record, unless somebody else has.
    func record(
        _ outcome: ProviderOutcome, of payment: Payment
    ) throws(ShopError) -> Payment {
        try asking { (work) throws(ShopError) in
            let before = try work.transaction.payment(payment.number)
            guard let intent = before.pending, intent.key == payment.pending?.key else {
                return before
            }
            // Cron asks often, and leaves no line in the journal where that changes nothing.
            var settled = before
            try settled.settle(outcome, at: work.at)
            guard settled != before else { return before }
            return try settle(before, by: outcome, in: work)
        }
    }

    /// A transaction about what is asked. Whoever asked may not be signed in any more; an answer
    /// counts all the same.
    private func asking(_ body: (Work) throws(ShopError) -> Payment) throws(ShopError) -> Payment {
        var stamp = stamp()
        stamp.idempotencyKey = nil
        return try store.transact(stamp) { (transaction) throws(ShopError) in
            let access =
                (try? access(in: transaction)) ?? Access(user: nil, isOpen: false, roles: roles)
            transaction.by = access.name
            return try body(Work(transaction, by: access))
        }
    }

    /// A provider that has forgotten a key would do again what it did.
    private func checkKeyIsGood(_ payment: Payment, _ hours: Int64) throws(ShopError) {
        guard let intent = payment.pending, intent.url == nil else { return }
        guard intent.note.at.adding(seconds: hours * 3_600) > clock.now() else {
            throw .keyTooOld(payment, hours)
        }
    }

    /// Puts an answer on record, with all that follows from it for the order.
    func settle(
        _ payment: Payment, by outcome: ProviderOutcome, in work: Work
    ) throws(ShopError) -> Payment {
        let settled = try update(payment.number, in: work) { (payment, order) throws(ShopError) in
            guard let intent = payment.pending else { return }
            let isBack = try takesBack(intent, &order, in: work)
            try payment.settle(outcome, restocking: isBack, at: work.at)
            guard payment.pending == nil, let entry = payment.entries.last else { return }
            switch entry.kind {
            case .capture:
                try order.receive(entry.amount, at: work.at)
                try addToDay(in: work) { $0.captured += entry.amount.minorUnits }
            case .refund:
                try order.refund(entry.amount, at: work.at)
                try addToDay(in: work) { $0.refunded += entry.amount.minorUnits }
            default: break
            }

            /// Units of a refund go back on the shelf, if they have not come back otherwise.
            func takesBack(
                _ intent: PaymentIntent, _ order: inout Order, in work: Work
            ) throws(ShopError) -> Bool {
                guard case .succeeded = outcome, !intent.restocked.isEmpty else { return true }
                do throws(ShopError) {
                    try restock(
                        intent.restocked, of: &order, reason: intent.note.reason, in: work)
                    return true
                } catch  where error.code == "over-restock" {
                    note("The units are not put back: \(error.message).")
                    return false
                }
            }
        }
        try followUp(settled, of: payment.pending, in: work.transaction)
        return settled
    }

    /// The result that a repeated command gets is the one after the answer.
    private func followUp(
        _ settled: Payment, of intent: PaymentIntent?, in transaction: Transaction
    ) throws(ShopError) {
        guard let intent, let text = intent.requestKey else { return }
        let key = Records.idempotency(try IdempotencyKey(parsing: text))
        guard var record = try transaction.find(IdempotentResult.self, key) else { return }
        let isOfOrder = intent.kind == .void || intent.kind == .refund
        if isOfOrder, var list = try? RecordList<Payment>(json: record.result) {
            list = RecordList(list.items.map { $0.number == settled.number ? settled : $0 })
            record.result = list.json
        } else {
            record.result = settled.json
        }
        transaction.set(key, record.json)
    }
}

extension Payment {
    /// The payment, unless its provider's last word was no, or none.
    func checkAnswer() throws(ShopError) -> Payment {
        if let url = pending?.url { throw .actionRequired(self, at: url) }
        if pending != nil { throw .noAnswer(self, "it was not asked to the end") }
        guard !isManual, let refusal else { return self }
        throw refusal.kind == .decline
            ? ShopError.declined(self, refusal) : ShopError.notReached(self, refusal)
    }
}
