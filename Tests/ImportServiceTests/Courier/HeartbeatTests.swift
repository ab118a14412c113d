import ImportCore
@testable import ImportRuntime
import Testing

@testable import ImportService

@Suite struct HeartbeatTests {
  private let time = ManualTime()

  @Test func `work that does not move is named in the log once, with how long, and again when it moves`() {
    let heartbeat = Heartbeat(time: time)
    let activity = heartbeat.begin("reading the files of a set")
    time.advance(by: .seconds(300))
    #expect(heartbeat.review() == [] && heartbeat.stuck == nil)
    time.advance(by: .seconds(1))
    #expect(heartbeat.stuck == "reading the files of a set")
    #expect(heartbeat.stuckWork.map(\.since) == [.seconds(301)])
    #expect(heartbeat.stuckWork.map(\.isIsolated) == [false])
    let lines = heartbeat.review()
    #expect(lines.map(\.kind) == [.workStuck])
    #expect(lines.first?["work"] == "reading the files of a set" && lines.first?["for"] == "301s")
    #expect(heartbeat.review() == [])
    activity.progress()
    #expect(heartbeat.review().map(\.kind) == [.workMoves])
    #expect(heartbeat.stuck == nil)
  }

  @Test func `work on one source's drop directory is named, and the service stays healthy`() {
    let heartbeat = Heartbeat(time: time)
    let activity = heartbeat.begin("claim of a set", isIsolated: true)
    time.advance(by: .seconds(301))
    #expect(heartbeat.stuck == nil)
    #expect(heartbeat.stuckWork.map(\.isIsolated) == [true])
    #expect(heartbeat.review().map(\.kind) == [.workStuck])
    activity.end()
    #expect(heartbeat.review().map(\.kind) == [.workMoves])
    #expect(heartbeat.stuckWork.isEmpty)
  }

  @Test func `work that moves is never stuck`() {
    let heartbeat = Heartbeat(time: time)
    let activity = heartbeat.begin("reading")
    for _ in 0..<10 {
      time.advance(by: .seconds(299))
      activity.progress()
      #expect(heartbeat.stuck == nil && heartbeat.review() == [])
    }
  }
}
