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

    @Test("a refresh token lets reading go on by itself, as long as it could be used")
    func readingByRefreshToken() throws {
        let signin = try signIn()
        stage.hands.advance(hours: 2)
        shop.request.refreshToken = signin.tokens.refresh
        #expect(isGood(signin.tokens.access))
        shop.request.refreshToken = signin.tokens.access
        #expect(!isGood(signin.tokens.access))
        shop.request.refreshToken = signin.tokens.refresh
        stage.hands.advance(hours: 14 * 24)
        #expect(!isGood(signin.tokens.access))
    }

    @Test("people change what is known of them, tokens do not, and staff change that of others")
    func profiles() throws {
        var edit = ProfileEdit()
        try edit.set(.phone, to: "+43 1 234567")
        try edit.set(.name, to: "Ana")
        #expect(code { _ = try shop.editUser(nil, edit) } == "not-signed-in")
        stage.actAs(try signIn())
        #expect(try shop.editUser(nil, edit).profile.phone == "+43 1 234567")
        #expect(code { _ = try shop.editUser(stage.owner, edit) } == "no-permission")
        let token = try shop.createToken(nil, as: .customer, days: 1).token
        shop.request.token = token
        #expect(code { _ = try shop.editUser(nil, edit) } == "no-permission")
        stage.actAs(try shop.signIn(stage.owner, password: stage.password))
        var other = ProfileEdit()
        try other.set(.phone, to: "")
        let user = try shop.editUser(stage.ana, other)
        #expect(user.profile.phone == nil && user.profile.name == "Ana")
        #expect(
            code { _ = try shop.editUser(.init(parsing: "no@x.example"), edit) }
                == "user-not-found")
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
