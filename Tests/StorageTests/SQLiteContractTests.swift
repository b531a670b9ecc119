import Testing

/// The contract of stores, on SQLite.
@Suite("SQLite store, contract")
struct SQLiteContractTests {
    @Test("an object comes back as it was added")
    func whole() async throws { try await withSQLite(StoreContract.objectsComeBackWhole) }

    @Test("an edit changes the fields it gives and no others")
    func edits() async throws { try await withSQLite(StoreContract.editChangesOnlyWhatItGives) }

    @Test("a duplicate name or address is refused with its field (PP-B20)")
    func duplicates() async throws { try await withSQLite(StoreContract.duplicatesAreNamed) }

    @Test("an unknown name is refused with its field and nothing is half done (PP-B20)")
    func references() async throws { try await withSQLite(StoreContract.unknownNamesChangeNothing) }

    @Test("deleting a suite or subnet in use takes it out of what used it")
    func unlinks() async throws { try await withSQLite(StoreContract.deletingUnlinks) }

    @Test("relations can be set from both sides (PP-B2, PP-B3)")
    func relations() async throws { try await withSQLite(StoreContract.relationsWorkFromBothSides) }

    @Test("lists page, sort and filter with totals of whole objects (PP-B17)")
    func lists() async throws { try await withSQLite(StoreContract.listsPageSortAndFilter) }

    @Test("a plugin that reaches a host by two ways is one check")
    func reach() async throws { try await withSQLite(StoreContract.reachByTwoWaysCountsOnce) }

    @Test("what an edit changes in the schedule is told exactly")
    func told() async throws { try await withSQLite(StoreContract.changesAreToldExactly) }

    @Test("switching discovery off and deleting a subnet are told (PP-B5)")
    func subnets() async throws { try await withSQLite(StoreContract.subnetsAreTold) }

    @Test("a deleted object never comes back and its number is never given again (PP-B6)")
    func numbers() async throws { try await withSQLite(StoreContract.numbersAreNeverGivenTwice) }

    @Test("after any edit the checks are what the suites reach, and the changes told add up to them")
    func property() async throws { try await withSQLite(StoreContract.everyEditKeepsChecksEqualToReach) }

    @Test("a result comes back as status and history with all its fields (PP-B21)")
    func results() async throws { try await withSQLite(StoreContract.resultComesBackWhole) }

    @Test("an older result does not replace a newer one (PP-B18)")
    func newest() async throws { try await withSQLite(StoreContract.newestWins) }

    @Test("a status from the future, of a wrong clock, gives way to the next result")
    func future() async throws { try await withSQLite(StoreContract.futureStatusGivesWay) }

    @Test("a second result of the same check and due time vanishes (PP-B18)")
    func twice() async throws { try await withSQLite(StoreContract.duplicatesVanish) }

    @Test("a run that the engine could not carry out changes no state and stands beside the last result (B8)")
    func trouble() async throws { try await withSQLite(StoreContract.troubleChangesNoState) }

    @Test("the time since when a state holds is kept while the state stays")
    func since() async throws { try await withSQLite(StoreContract.stateSinceIsKept) }

    @Test("a result without history only becomes the status")
    func noHistory() async throws { try await withSQLite(StoreContract.historyIsKeptWhereWanted) }

    @Test("the status of a plugin that is detached vanishes (PP-B19)")
    func detached() async throws { try await withSQLite(StoreContract.detachedStatusesVanish) }

    @Test("history follows a rename and goes with its host")
    func dropped() async throws { try await withSQLite(StoreContract.deletingAHostDropsItsHistory) }

    @Test("retention deletes the oldest first, in bites")
    func retention() async throws { try await withSQLite(StoreContract.retentionDeletesTheOldestFirst) }

    @Test("pages of history neither repeat nor lose a row while new rows come")
    func cursor() async throws { try await withSQLite(StoreContract.historyPagesAreStable) }

    @Test("history between two times has what was due then, whatever the number of the host (PP-B23)")
    func window() async throws { try await withSQLite(StoreContract.historyIsBoundedByTimes) }

    @Test("statuses come problems first, newest change first, in whole pages (PP-B17)")
    func statuses() async throws { try await withSQLite(StoreContract.statusesComeProblemsFirst) }

    @Test("counts leave out hosts in maintenance, and echo decides whether a host is up")
    func counts() async throws { try await withSQLite(StoreContract.countsFollowMaintenance) }

    @Test("the newest report of each worker is kept")
    func workers() async throws { try await withSQLite(StoreContract.lastReportOfEachWorkerIsKept) }

    @Test("a report from the future, of a wrong clock, gives way; workers long gone are forgotten")
    func wrongClockWorkers() async throws { try await withSQLite(StoreContract.workersOutliveAWrongClock) }

    @Test("the clock of the last deletion is kept; before the first it is that of the newest result")
    func lastRetention() async throws { try await withSQLite(StoreContract.lastRetentionIsKept) }

    @Test("discovered hosts get the suite and the subnet (PP-B2), whatever their reverse names are")
    func discovery() async throws { try await withSQLite(StoreContract.discoveryAddsResponders) }

    @Test("rounds that a gone engine began are ended as failed, and the next one may begin")
    func abandonedRounds() async throws { try await withSQLite(StoreContract.roundsOfAGoneEngineAreEnded) }

    @Test("rounds of one subnet do not overlap, and one that died does not block for ever")
    func rounds() async throws { try await withSQLite(StoreContract.roundsDoNotOverlap) }

    @Test("a closed store says that it is closed")
    func closed() async throws { try await withSQLite(StoreContract.closedStoreSaysSo) }
}
