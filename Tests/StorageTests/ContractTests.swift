import TestSupport
import Testing

/// One rule of the contract of stores.
struct StoreRule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let run: @Sendable (Bench) async throws -> Void

    init(_ description: String, _ run: @escaping @Sendable (Bench) async throws -> Void) {
        testDescription = description
        self.run = run
    }
}

extension StoreContract {
    /// What every store has to do.
    static let rules = [
        StoreRule("an object comes back as it was added", objectsComeBackWhole),
        StoreRule("an edit changes the fields it gives and no others", editChangesOnlyWhatItGives),
        StoreRule("a duplicate name or address is refused with its field (PP-B20)", duplicatesAreNamed),
        StoreRule(
            "an unknown name is refused with its field and nothing is half done (PP-B20)",
            unknownNamesChangeNothing),
        StoreRule("deleting a suite or subnet in use takes it out of what used it", deletingUnlinks),
        StoreRule("relations can be set from both sides (PP-B2, PP-B3)", relationsWorkFromBothSides),
        StoreRule(
            "lists page, sort and filter with totals of whole objects (PP-B17)", listsPageSortAndFilter),
        StoreRule("a plugin that reaches a host by two ways is one check", reachByTwoWaysCountsOnce),
        StoreRule("what an edit changes in the schedule is told exactly", changesAreToldExactly),
        StoreRule("switching discovery off and deleting a subnet are told (PP-B5)", subnetsAreTold),
        StoreRule(
            "a deleted object never comes back and its number is never given again (PP-B6)",
            numbersAreNeverGivenTwice),
        StoreRule(
            "after any edit the checks are what the suites reach, and the changes told add up to them",
            everyEditKeepsChecksEqualToReach),
        StoreRule(
            "a result comes back as status and history with all its fields (PP-B21)", resultComesBackWhole),
        StoreRule("an older result does not replace a newer one (PP-B18)", newestWins),
        StoreRule(
            "a status from the future, of a wrong clock, gives way to the next result", futureStatusGivesWay),
        StoreRule("a second result of the same check and due time vanishes (PP-B18)", duplicatesVanish),
        StoreRule(
            "a run that the engine could not carry out changes no state and stands beside the last result (B8)",
            troubleChangesNoState),
        StoreRule("the time since when a state holds is kept while the state stays", stateSinceIsKept),
        StoreRule("a result without history only becomes the status", historyIsKeptWhereWanted),
        StoreRule("the status of a plugin that is detached vanishes (PP-B19)", detachedStatusesVanish),
        StoreRule("history follows a rename and goes with its host", deletingAHostDropsItsHistory),
        StoreRule("retention deletes the oldest first, in bites", retentionDeletesTheOldestFirst),
        StoreRule(
            "pages of history neither repeat nor lose a row while new rows come", historyPagesAreStable),
        StoreRule(
            "history between two times has what was due then, whatever the number of the host (PP-B23)",
            historyIsBoundedByTimes),
        StoreRule(
            "statuses come problems first, newest change first, in whole pages (PP-B17)",
            statusesComeProblemsFirst),
        StoreRule(
            "counts leave out hosts in maintenance, and echo decides whether a host is up",
            countsFollowMaintenance),
        StoreRule("the newest report of each worker is kept", lastReportOfEachWorkerIsKept),
        StoreRule(
            "a report from the future, of a wrong clock, gives way; workers long gone are forgotten",
            workersOutliveAWrongClock),
        StoreRule(
            "the clock of the last deletion is kept; before the first it is that of the newest result",
            lastRetentionIsKept),
        StoreRule(
            "discovered hosts get the suite and the subnet (PP-B2), whatever their reverse names are",
            discoveryAddsResponders),
        StoreRule(
            "rounds that a gone engine began are ended as failed, and the next one may begin",
            roundsOfAGoneEngineAreEnded),
        StoreRule("a zone's vote waits until what the others say can change nothing", votesWaitForEachOther),
        StoreRule(
            "a vote after the verdict, and one that comes twice, change nothing", lateVotesChangeNothing),
        StoreRule("a run is settled once no vote can come any more", closedRunsAreSettled),
        StoreRule("votes go with their check", votesGoWithTheirCheck),
        StoreRule("votes of a check that is gone are forgotten", votesOfAGoneCheckAreForgotten),
        StoreRule("an isolated observer changes no state, and it is said", isolatedObserversChangeNoState),
        StoreRule("a shared secret is made once", secretsAreMadeOnce),
        StoreRule(
            "rounds of one subnet do not overlap, and one that died does not block for ever",
            roundsDoNotOverlap),
        StoreRule("a closed store says that it is closed", closedStoreSaysSo),
    ]
}

@Suite("contract of stores")
struct ContractTests {
    @Test("SQLite", arguments: StoreContract.rules)
    func sqlite(_ rule: StoreRule) async throws { try await withSQLite(rule.run) }

    @Test("PostgreSQL", .enabled(if: PostgreSQLServer.isAvailable), arguments: StoreContract.rules)
    func postgresql(_ rule: StoreRule) async throws { try await withPostgreSQL(rule.run) }
}
