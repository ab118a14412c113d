import Testing

@testable import ImportCore

/// Which sets monitoring is told of because they wait for long.
@Suite struct LongWaitTests {
  private let hour = Duration.seconds(3600)
  private let hourLater = Invented.start.advanced(by: .seconds(3601))

  @Test func `a set has failed for long an hour after its claim, while its last step has failed`() throws {
    let claimed = try Invented.delivery(.claimed)
    #expect(!claimed.hasFailed(longerThan: hour, now: hourLater))
    let deferred = try claimed.after(
      .attemptFailed(reason: Invented.reason, next: hourLater, alone: false), at: hourLater)
    #expect(deferred.hasFailed(longerThan: hour, now: hourLater))
    #expect(!deferred.hasFailed(longerThan: .seconds(3601), now: hourLater))
    let succeeded = try deferred.after(Invented.inspected, at: hourLater)
    #expect(!succeeded.hasFailed(longerThan: hour, now: hourLater))
  }

  @Test func `a set awaits approval for long after its dry run, whatever reminders there were`() throws {
    let events =
      Invented.untilUploaded + [
        .scheduleIntended(mode: .dryRun, thenApproval: true), .scheduled(repeated: false),
      ]
    let waiting = try Invented.delivery().after(events)
    #expect(waiting.awaitsApproval(longerThan: hour, now: hourLater))
    #expect(!waiting.awaitsApproval(longerThan: .seconds(3601), now: hourLater))
    let reminded = try waiting.after(.approvalReminded, at: hourLater)
    #expect(reminded.awaitsApproval(longerThan: hour, now: hourLater))
    #expect(
      try !waiting.after(.approved(by: "alice"), at: hourLater).awaitsApproval(
        longerThan: hour, now: hourLater))
  }
}
