import Primitives
import ShopCore
import TestSupport
import Testing
import Users

/// Sessions, tokens, and how they end.
@Suite struct SessionTests {
    let stage: SigninTests
    var shop: Shop { stage.shop }

    init() throws { stage = try SigninTests() }

    func signIn() throws -> Shop.Signin {
        try shop.signIn(stage.ana, password: stage.password)
    }

    func code(_ body: () throws -> Void) -> String? { stage.refusal(body)?.code }

    func isGood(_ token: String) -> Bool {
        shop.request.token = token
        return code { _ = try shop.whoAmI() } == nil
    }

    @Test("an access token ends after an hour, and its session goes on with another one")
    func refresh() throws {
        let first = try signIn()
        stage.hands.advance(milliseconds: 3_600_000 - 1)
        #expect(isGood(first.tokens.access))
        stage.hands.advance(milliseconds: 1)
        #expect(!isGood(first.tokens.access))
        let (session, next) = try shop.refreshSession(
            access: first.tokens.access, refresh: first.tokens.refresh)
        #expect(isGood(next.access) && session.id == first.session.id)
        #expect(
            code {
                _ = try shop.refreshSession(
                    access: first.tokens.access, refresh: first.tokens.refresh)
            } == "session-expired")
        #expect(
            code {
                _ = try shop.refreshSession(access: next.access, refresh: first.tokens.refresh)
            } == "session-expired")
    }

    @Test("a session that nobody uses for 14 days is over, and any after 30")
    func limits() throws {
        var signin = try signIn()
        stage.hands.advance(hours: 14 * 24)
        #expect(
            code {
                _ = try shop.refreshSession(
                    access: signin.tokens.access, refresh: signin.tokens.refresh)
            } == "session-expired")
        signin = try signIn()
        var tokens = signin.tokens
        for _ in 0..<2 {
            stage.hands.advance(hours: 13 * 24)
            tokens = try shop.refreshSession(access: tokens.access, refresh: tokens.refresh).tokens
        }
        stage.hands.advance(hours: 4 * 24)
        #expect(
            code { _ = try shop.refreshSession(access: tokens.access, refresh: tokens.refresh) }
                == "session-expired")
    }

    @Test func aDisabledUserCannotRefreshEither() throws {
        let boss = try shop.signIn(stage.owner, password: stage.password)
        let signin = try signIn()
        stage.actAs(boss)
        _ = try shop.disableUser(stage.ana)
        #expect(!isGood(signin.tokens.access))
        #expect(
            code {
                _ = try shop.refreshSession(
                    access: signin.tokens.access, refresh: signin.tokens.refresh)
            } == "session-expired")
        #expect(code { _ = try signIn() } == "wrong-credentials")
    }

    @Test("sessions are listed and ended by their id, one's own or of people one manages")
    func revoking() throws {
        let boss = try shop.signIn(stage.owner, password: stage.password)
        let (till, home) = (try signIn(), try signIn())
        stage.actAs(home)
        #expect(Set(try shop.sessions(of: nil).map(\.id)) == [till.session.id, home.session.id])
        #expect(code { _ = try shop.sessions(of: stage.owner) } == "no-permission")
        #expect(code { _ = try shop.revokeSessions([boss.session.id]) } == "no-permission")
        _ = try shop.revokeSessions([till.session.id])
        #expect(!isGood(till.tokens.access) && isGood(home.tokens.access))
        stage.actAs(boss)
        #expect(try shop.sessions(of: stage.ana).map(\.id) == [home.session.id])
        #expect(code { _ = try shop.revokeSessions(["nothing"]) } == "session-not-found")
        #expect(try shop.signOutEverywhere(stage.ana) == 1)
        #expect(!isGood(home.tokens.access) && isGood(boss.tokens.access))
    }

    @Test("a token acts within its role and that of whoever made it, and ends in its time")
    func tokens() throws {
        let boss = try shop.signIn(stage.owner, password: stage.password)
        let ana = try signIn()
        stage.actAs(ana)
        #expect(code { _ = try shop.createToken(nil, as: .clerk, days: 1) } == "no-permission")
        stage.actAs(boss)
        let (session, token) = try shop.createToken("till", as: .clerk, days: 90)
        #expect(session.tokenHash != token && isGood(token))
        #expect(code { try shop.eachUser { _ in true } } == "no-permission")
        #expect(code { _ = try shop.disableUser(stage.ana) } == "no-permission")
        #expect(code { _ = try shop.createToken(nil, as: .manager, days: 1) } == "no-permission")
        stage.hands.advance(hours: 90 * 24 - 1)
        #expect(isGood(token))
        stage.hands.advance(hours: 1)
        #expect(!isGood(token))
    }

    @Test("sessions that are over do not stay")
    func sessionsGo() throws {
        for _ in 0..<4 {
            for _ in 0..<20 { _ = try signIn() }
            stage.hands.advance(hours: 31 * 24)
        }
        let count = try stage.count("sessions")
        #expect(count >= 20 && count < 45, "\(count)")
    }
}
