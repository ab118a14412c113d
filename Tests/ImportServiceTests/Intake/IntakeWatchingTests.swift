import Glibc
import ImportCore
@testable import ImportRuntime
import ImportSystem
import Testing

@testable import ImportService

@Suite(.timeLimit(.minutes(3))) struct IntakeWatchingTests {
  @Test func `a missing directory is made at the start`() async throws {
    let fixture = try DropFixture()
    rmdir(fixture.drop)
    try await fixture.run {
      var status = stat()
      #expect(stat(fixture.drop, &status) == 0)
      #expect(status.st_mode & 0o7777 == 0o2770)
      #expect(await fixture.intake.overview.mode == .watched)
    }
  }

  @Test func `a directory that cannot be made is watched once somebody else has made it`() async throws {
    let sandbox = FileSystem { operation throws(SystemError) in
      if operation.kind == .setMode { throw SystemError(failing: operation, errno: EPERM) }
    }
    let fixture = try DropFixture(fileSystem: sandbox)
    rmdir(fixture.drop)
    try await fixture.run {
      let lost = await fixture.log.events.next { $0.kind == .directoryLost }
      #expect(lost?.text.contains("with mode 2770 and the daemon as its owner") == true)
      mkdir(fixture.drop, 0o755)
      fixture.moveIn()
      let taken = try await fixture.next().sets
      #expect(taken?.map(\.name) == ["staff"])
    }
  }

  @Test func `a directory that is removed and made again is watched again`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      for name in ["first", "second"] {
        rmdir(fixture.drop)
        #expect(await fixture.log.events.next { $0.kind == .directoryLost } != nil)
        mkdir(fixture.drop, 0o755)
        fixture.moveIn(name)
        let taken1 = try await fixture.next()
        #expect(taken1.sets?.map(\.name) == [name])
      }
    }
  }

  @Test func `a directory that is replaced by another is noticed by the next event`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      fixture.move("drop/hr", to: "drop/old")
      mkdir(fixture.drop, 0o755)
      fixture.moveIn()
      let taken2 = try await fixture.next()
      #expect(taken2.sets?.map(\.name) == ["staff"])
    }
  }

  /// As where a folder may be read and not entered.
  @Test func `a folder that cannot be listed gives its watch back when it leaves`() async throws {
    let closed = FileSystem { operation throws(SystemError) in
      guard operation.kind == .statistics, operation.object.hasSuffix("/staff/data.json") else { return }
      throw SystemError(failing: operation, errno: EACCES)
    }
    let fixture = try DropFixture(fileSystem: closed)
    try await fixture.run {
      fixture.moveIn()
      #expect(await comesTrue { !(await fixture.intake.overview.incoming.isEmpty) })
      #expect(await comesTrue { fixture.intake.watcher.count == 2 })
      fixture.move("drop/hr/staff", to: "staging/staff")
      #expect(await comesTrue { await fixture.intake.overview.incoming.isEmpty })
      #expect(fixture.intake.watcher.count == 1)
    }
  }

  @Test func `a folder that is renamed in the directory is still watched under its new name`() async throws {
    // The events come in one go, and the order in which their names are looked at is another one each time.
    for _ in 1...12 {
      let fixture = try DropFixture()
      fixture.moveIn("upload", files: [])
      try await fixture.run {
        fixture.move("drop/hr/upload", to: "drop/hr/staff")
        while await fixture.intake.explain("staff").outcome != .waiting { await Task.yield() }
        fixture.write("drop/hr/staff/data.json", "{}")
        let taken = try await fixture.next()
        #expect(taken.sets?.map(\.name) == ["staff"])
      }
    }
  }

  /// A claim moves every folder out, and the look would come just when its set is read.
  @Test func `a folder that was moved out is known to be gone without a look`() async throws {
    let looks = Counter()
    let fileSystem = FileSystem { operation throws(SystemError) in
      if operation.object.hasSuffix("/drop/hr/half") { _ = looks.next() }
    }
    let fixture = try DropFixture(fileSystem: fileSystem)
    fixture.moveIn("half", files: [])
    try await fixture.run {
      while await fixture.intake.explain("half").outcome != .waiting { await Task.yield() }
      let before = looks.current
      fixture.move("drop/hr/half", to: "staging/half")
      while await fixture.intake.explain("half").outcome != .absent { await Task.yield() }
      fixture.moveIn()
      _ = try await fixture.next()
      #expect(before > 0 && looks.current == before)
    }
  }

  @Test func `events that were lost in an overflow are made good by looking at everything`() async throws {
    let fixture = try DropFixture()
    try await fixture.run {
      // The event thread is kept busy, so that the kernel's queue of 16,384 events runs over.
      let stall = Stall(fixture)
      for number in 0..<17_000 {
        close(open("\(fixture.drop)/file\(number)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
      }
      fixture.moveIn()
      stall.end()
      let taken4 = try await fixture.next()
      #expect(taken4.sets?.map(\.name) == ["staff"])
      #expect(await fixture.intake.overview.files == 17_000)
    }
  }

  @Test func `lots of files cost no more than a look at each`() async throws {
    let fixture = try DropFixture()
    for number in 0..<20_000 {
      close(open("\(fixture.drop)/file\(number)", O_CREAT | O_WRONLY | O_CLOEXEC, 0o644))
    }
    try await fixture.run {
      _ = fixture.log.events.waiting
      fixture.write("drop/hr/data.json", "{}")
      fixture.write("drop/hr/control.json", DropFixture.control)
      let taken5 = try await fixture.next()
      #expect(taken5.sets?.count == 1)
      // One scan at the start, and none for the events.
      #expect(fixture.log.events.waiting.count { $0.kind == .scanned } == 1)
    }
  }

  @Test func `the directory is looked at again after RescanSec though nothing was reported`() async throws {
    let time = ManualTime()
    let fixture = try DropFixture(rescan: .seconds(60), time: time)
    try await fixture.run {
      #expect(await fixture.log.events.next { $0.kind == .scanned } != nil)
      await time.sleeper(within: .seconds(60))
      time.advance(by: .seconds(60))
      #expect(await fixture.log.events.next { $0.kind == .scanned } != nil)
    }
  }

  @Test func `a network file system is polled, with the reason in the log`() async throws {
    let time = ManualTime()
    let nfs = FileSystem(kind: FileSystemKind(name: "nfs", isRemote: true))
    let fixture = try DropFixture(rescan: .seconds(60), fileSystem: nfs, time: time)
    try await fixture.run {
      #expect(await fixture.log.events.next { $0.kind == .scanned } != nil)
      let why = "its file system (nfs) does not tell of changes that others make"
      #expect(await fixture.intake.overview.mode == .polled(why))
      fixture.moveIn()
      await time.sleeper(within: .seconds(60))
      #expect(fixture.taker.calls.waiting.isEmpty)
      time.advance(by: .seconds(60))
      let taken = try await fixture.next()
      #expect(taken.sets?.map(\.name) == ["staff"])
    }
  }

  @Test func `a directory whose events do not arrive is polled, and watched again when they do`() async throws
  {
    let time = ManualTime()
    let fixture = try DropFixture(rescan: .seconds(60), time: time)
    let stall = Stall(fixture)
    let running = Task { await fixture.intake.run() }
    await time.sleeper(within: .seconds(5))
    time.advance(by: .seconds(5))
    let polled = await fixture.log.events.next { $0.kind == .directoryPolled }
    #expect(polled?.text.contains("the kernel did not tell of a change within 5 s") == true)
    await fixture.intake.firstScanDone()
    stall.end()
    fixture.intake.rescan()
    #expect(await fixture.log.events.next { $0.kind == .directoryWatched } != nil)
    fixture.moveIn()
    let taken = try await fixture.next()
    #expect(taken.sets?.map(\.name) == ["staff"])
    running.cancel()
    await running.value
  }

  @Test func `a tool that only looks explains without taking anything`() async throws {
    let fixture = try DropFixture(quiet: .zero)
    fixture.moveIn("whole")
    fixture.moveIn("half", files: [])
    fixture.moveIn("none", control: "", files: [])
    await fixture.intake.examine()
    let intake = fixture.intake
    #expect(await intake.explain("whole").outcome == .ready)
    #expect(await intake.explain("half").outcome == .waiting)
    #expect(
      await intake.explain("none").findings.first?.text == "not a set (yet): the folder has no control.json"
    )
    #expect(await intake.explain("absent").outcome == .absent)
    #expect(fixture.taker.calls.waiting.isEmpty)
  }
}

/// Keeps the event thread from reading until ``end()``.
private final class Stall: Sendable {
  private let trigger: [Int32]
  private let release: [Int32]
  private let fixture: DropFixture

  init(_ fixture: DropFixture) {
    var (trigger, release) = ([Int32](repeating: 0, count: 2), [Int32](repeating: 0, count: 2))
    pipe(&trigger)
    pipe(&release)
    (self.trigger, self.release, self.fixture) = (trigger, release, fixture)
    let started = Mailbox<Void>()
    fixture.events.add(trigger[0]) { [events = fixture.events, trigger, release] in
      started.put(())
      var byte: UInt8 = 0
      _ = read(release[0], &byte, 1)
      events.remove(trigger[0])
    }
    _ = write(trigger[1], "x", 1)
    while started.waiting.isEmpty { sched_yield() }
  }

  func end() { _ = write(release[1], "x", 1) }

  deinit { for descriptor in trigger + release { close(descriptor) } }
}
