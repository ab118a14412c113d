/// One thing that somebody does, or that breaks, at a time of the history.
struct Act: CustomStringConvertible {
  enum Kind {
    case drop(Drop)
    case kill, powerCut, terminate
    /// The daemon dies at this change of the disk from now, and the power with it or not.
    case die(change: Int, power: Bool)
    case pause(Int), resume(Int)
    case retryAll(again: Bool), approveAll, rejectOne, discardAll
    case reload
    case rotateKey, rotateOutcomeKey
    /// The server's list is compared with the journal.
    case compare(dryRun: Bool)
    case jobs(JobFault, seconds: Int)
    case server(ServerFault, seconds: Int)
    case fullDisk(seconds: Int), failingDisk(DiskFaults.Change, seconds: Int)
    case loseEvents
    case setClock(seconds: Int)
    case restoreJournal
    case ask
  }

  /// The way in which an exporting system writes a set.
  struct Drop {
    enum Way: CaseIterable { case renamed, copied, flat }
    enum Flaw: CaseIterable {
      case none, half, late, litter, sums, wrongSums, invalidControl, same, sameName, touched,
        empty
    }
    var source: Int
    var way: Way
    var flaw: Flaw
    var keys: Int
    var isSynced: Bool
  }

  /// Nanoseconds after the start.
  var time: Int64
  var kind: Kind
  /// For all that the act decides by chance.
  var seed: UInt64

  var description: String { "+\(time / 1_000_000_000)s \(kind)" }
}

/// A fault of a server, or of something in front of it.
enum ServerFault: CaseIterable {
  case lostRequest, lostAnswer, refused, badGateway, page, unavailable, halfScheduled, wrongDigest, tooMany,
    notPermitted, slow
  case forgets, tooLarge, repeatedBatch, cut
}

/// The plan of a seed.
struct Plan {
  var acts: [Act] = []
  /// Nanoseconds after which nothing goes wrong any more.
  var end: Int64
  /// True if nothing goes wrong but jobs and the pages that show them.
  private(set) var isServerCalm = false

  init(_ random: inout Random, _ settings: WorldSettings) {
    end = settings.span * 1_000_000_000
    let calm = random.chance(10)
    for _ in 0..<random.between(1, 12) { add(.drop(Self.drop(&random, settings)), &random) }
    guard !calm else {
      sort()
      return
    }
    let usual = [0, 1, 2, 3, 3, 3, 4, 4, 5, 6, 7] + (settings.hasOutcomes ? [8, 8, 8] : [])
    isServerCalm = settings.hasOutcomes && random.chance(15)
    let themes = (0..<random.between(1, 4)).map { _ in isServerCalm ? 8 : random.pick(usual) }
    for theme in themes {
      for _ in 0..<random.between(1, 4) { add(Self.act(theme, &random, settings), &random) }
    }
    sort()
  }

  private mutating func sort() {
    acts = acts.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(
      \.element)
  }

  private mutating func add(_ kind: Act.Kind, _ random: inout Random) {
    // Acts come in bursts: many races need two things at nearly the same time.
    var time = Int64(random.below(Int(end / 1000))) * 1000
    if !acts.isEmpty, random.chance(70) {
      time = max(0, random.pick(acts).time + Int64(random.between(-2_000_000, 12_000_000)) * 1000)
    }
    acts.append(Act(time: time, kind: kind, seed: random.next()))
  }

  private static func drop(_ random: inout Random, _ settings: WorldSettings) -> Act.Drop {
    Act.Drop(
      source: random.below(settings.sources.count), way: random.pick(Act.Drop.Way.allCases),
      flaw: random.chance(55) ? .none : random.pick(Act.Drop.Flaw.allCases), keys: random.between(1, 3),
      isSynced: random.chance(70))
  }

  private static func act(_ theme: Int, _ random: inout Random, _ settings: WorldSettings) -> Act.Kind {
    let source = random.below(settings.sources.count)
    switch theme {
    case 0: return .kill
    case 1: return .powerCut
    case 2: return .die(change: random.between(1, 120), power: random.chance(50))
    case 3:
      return .server(random.pick(ServerFault.allCases), seconds: random.pick([1, 20, 300, 4000, 100_000]))
    case 4:
      return random.pick([
        .pause(source), .resume(source), .retryAll(again: false), .retryAll(again: true), .approveAll,
        .rejectOne, .discardAll, .ask, .compare(dryRun: random.chance(30)),
      ])
    case 5: return random.pick([.reload, .rotateKey, .rotateOutcomeKey, .terminate, .reload])
    case 6:
      return random.pick([
        .fullDisk(seconds: random.pick([1, 60, 2000])),
        .failingDisk(
          random.pick([.sync, .write, .rename, .create, .remove]), seconds: random.pick([1, 30])),
        .loseEvents, .loseEvents,
      ])
    case 8:
      return .jobs(random.pick(JobFault.allCases), seconds: random.pick([20, 300, 4000, 100_000]))
    default:
      return random.pick([
        .setClock(seconds: random.pick([-3600, 7200, 100_000, -1])), .restoreJournal, .kill,
      ])
    }
  }
}
