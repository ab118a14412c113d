import Glibc
import HaploSimulator
import ImportCore
import ImportSystem
import Testing

@testable import ImportService

/// What `status` says of sets and work that do not move.
@Suite struct AttentionTests {
  private let now = Timestamp(microseconds: 1_796_000_000_000_000)

  private func obstacles(_ count: Int, _ purpose: String = "archive") throws -> SetObstacles {
    let obstacles = SetObstacles()
    for number in 0..<count {
      let set = try #require(SetID("20261124T07051\(number)Z-hr-7f3k2m9q"))
      for _ in 0..<SetObstacles.passingTries {
        let error = SystemError(call: "rename", object: "'x'", errno: EACCES)
        _ = obstacles.note(error, purpose, of: set, at: now)
      }
    }
    return obstacles
  }

  @Test func `a set that cannot be archived is listed with the cause, the attempts and a command`() throws {
    let obstacles = try obstacles(1)
    let list = Attention.obstructed(obstacles.all)
    let set = "20261124T070510Z-hr-7f3k2m9q"
    #expect(
      list.map(\.line) == [
        "hr: set \(set) cannot be archived: cannot rename 'x': Permission denied (3 attempts since \(now.rfc3339)); "
          + "run 'haplo-importd show \(set)'"
      ])
  }

  @Test func `many obstructed sets of a source take one line with their number`() throws {
    let obstacles = try obstacles(5, "claim")
    let list = Attention.obstructed(obstacles.all)
    #expect(list.count == 1 && list[0].count == 5)
    #expect(
      list[0].text.hasPrefix(
        "5 sets cannot be moved, first set 20261124T070510Z-hr-7f3k2m9q cannot be claimed"))
    #expect(list[0].command == "haplo-importd list --source hr")
  }

  @Test func `work that does not move is named with the time`() {
    let attention = Attention(stuck: ("the claim of x", .seconds(360), isIsolated: true))
    #expect(attention.line == "the claim of x has not moved for 6min. Check the disk or mount that it uses")
    #expect(attention.severity == .warning, "the other sources go on")
    #expect(Attention(stuck: ("the journal", .seconds(360), isIsolated: false)).severity == .critical)
  }

  @Test func `a set awaiting approval whose folder is gone is rejected, a rejected one discarded`() throws {
    let file = ConfigurationFile(path: "c", text: "[Server]\nURL=https://h.example\n[Source hr]\n")
    let configuration = try Configuration.parse([file], environment: ConfigurationEnvironment())
    let ids = ["20261124T070510Z-hr-7f3k2m9q", "20261124T070511Z-hr-7f3k2m9q"]
    let sets = try ids.map { try #require(SetID($0)) }
    func command(_ missing: [SetWithoutFolder]) -> String? {
      var report = StatusReport(configuration, JournalState(), daemon: .stopped, now: now)
      report.add(folderGone: missing)
      return report.findAttention(unit: "x").first { $0.text.contains("folder") }?.command
    }
    let awaiting = SetWithoutFolder(set: sets[0], awaitsApproval: true)
    let rejected = SetWithoutFolder(set: sets[1], awaitsApproval: false)
    #expect(command([awaiting]) == "haplo-importd reject --reason TEXT \(ids[0])")
    #expect(command([rejected]) == "haplo-importd discard \(ids[1])")
    #expect(command([awaiting, rejected]) == "haplo-importd discard \(ids[1])")
  }
}
