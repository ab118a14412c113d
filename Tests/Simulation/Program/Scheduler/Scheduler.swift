import CConcurrency
import ImportSystem

/// Decides what happens next in a simulated run: it runs one job at a time, chosen at random among those that could run, and sets
/// the clock on to the next timer when none can.
///
/// Everything happens on one thread; the class is `Sendable` by that alone.
final class Scheduler: SimulatedThreads, @unchecked Sendable {
  private struct Queue {
    var threads: Int
    var busy = 0
    var jobs: [@Sendable () -> Void] = []
    var ready: Int { min(threads - busy, jobs.count) }
  }

  private struct Timer {
    var time: Int64
    var number: Int
    var life: Int
    var action: () -> Void
  }

  /// The scheduling habits of a seed.
  struct Habits {
    /// Shares of jobs, in 100, that take a while: of worker threads, and of Swift tasks.
    var slowWork = 0
    var slowTasks = 0
    /// Nanoseconds that a slow job takes at most.
    var longest = 1_000_000
    /// Of all that could run, the newest is taken in this share of cases, the oldest in the next; otherwise any.
    var newest = 0
    /// Share of system calls, in 100, during which other threads go on.
    var interleaving = 0
    var oldest = 0
  }

  /// The life of the daemon to which jobs belong.
  var life = 0
  var random: Random
  var habits = Habits()
  private(set) var steps = 0
  /// Steps without any timer in between, to find programs that never rest.
  private(set) var stepsAtThisTime = 0
  private var tasks: [UnsafeMutableRawPointer] = []
  private var queues: [ObjectIdentifier: Queue] = [:]
  private var order: [ObjectIdentifier] = []
  private var loops: [@Sendable () -> Bool] = []
  private var timers: [Timer] = []
  private var last = 0
  private var isPolling = false
  private var depth = 0
  /// Objects of dead lives: they must not be destroyed, or they would act.
  private var graveyard: [Any] = []
  private(set) var largestBacklog = 0
  /// A fingerprint of all that was decided.
  private(set) var trace: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ random: Random) { self.random = random }

  func note(_ value: UInt64) { trace = (trace ^ value) &* 0x100_0000_01b3 }

  // MARK: What can run

  func add(task: UnsafeMutableRawPointer) { tasks.append(task) }

  func add(_ job: @escaping @Sendable () -> Void, to queue: ObjectIdentifier, threads: Int) {
    if queues[queue] == nil {
      queues[queue] = Queue(threads: threads)
      order.append(queue)
    }
    queues[queue]?.jobs.append(job)
  }

  func add(poll: @escaping @Sendable () -> Bool) { loops.append(poll) }

  func sleep(until deadline: Int64) async {
    last += 1
    let number = last
    let life = machine.life
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        if Task.isCancelled { return continuation.resume() }
        sleepers[number] = continuation
        if mutation == .longTimersLost, deadline - machine.monotonic > 50_000_000_000 { return }
        insert(
          Timer(time: deadline, number: number, life: life) { [self] in
            sleepers.removeValue(forKey: number)?.resume()
          })
      }
    } onCancel: {
      timers.removeAll { $0.number == number }
      sleepers.removeValue(forKey: number)?.resume()
    }
  }

  private var sleepers: [Int: CheckedContinuation<Void, Never>] = [:]

  /// Performs `action` after a time, in nanoseconds, whatever becomes of the daemon unless it belongs to its life.
  func after(_ delay: Int64, life: Int = 0, _ action: @escaping () -> Void) {
    last += 1
    insert(Timer(time: machine.monotonic + max(delay, 0), number: last, life: life, action: action))
  }

  private func insert(_ timer: Timer) {
    var (low, high) = (0, timers.count)
    while low < high {
      let middle = (low + high) / 2
      if timers[middle].time <= timer.time { low = middle + 1 } else { high = middle }
    }
    timers.insert(timer, at: low)
  }

  // MARK: Lives

  /// Ends all that belongs to the daemon's life.
  func dropAll() {
    graveyard.append((tasks, queues, loops, timers.filter { $0.life != 0 }, sleepers))
    tasks = []
    queues = [:]
    order = []
    loops = []
    sleepers = [:]
    timers.removeAll { $0.life != 0 }
  }

  // MARK: Running

  enum Pause { case condition, nothingToDo, time, restless }

  /// Runs until `isDone`, until nothing can ever run again, or until the monotonic clock has passed `end`.
  func run(until end: Int64, orUntil isDone: () -> Bool) -> Pause {
    while true {
      if isDone() { return .condition }
      if machine.monotonic > end { return .time }
      guard step() else {
        guard let next = timers.first else { return .nothingToDo }
        if next.time > end {
          machine.elapsed += max(end + 1 - machine.monotonic, 0)
          return .time
        }
        machine.elapsed += max(next.time - machine.monotonic, 0)
        fire()
        stepsAtThisTime = 0
        continue
      }
      stepsAtThisTime += 1
      if stepsAtThisTime > 200_000 { return .restless }
    }
  }

  private func fire() {
    let timer = timers.removeFirst()
    note(UInt64(truncatingIfNeeded: timer.time))
    machine.life = timer.life
    timer.action()
  }

  /// Runs one thing; false if nothing can run now.
  private func step(isNested: Bool = false) -> Bool {
    machine.life = life
    if !isNested, let timer = timers.first, timer.time <= machine.monotonic, random.chance(50) {
      fire()
      return true
    }
    var count = tasks.count
    for id in order { count += queues[id]!.ready }
    largestBacklog = max(largestBacklog, count)
    let hasEvents = !loops.isEmpty && !isPolling && machine.hasEvents
    let total = count + (hasEvents ? 1 : 0)
    guard total > 0 else {
      if !isNested, let timer = timers.first, timer.time <= machine.monotonic {
        fire()
        return true
      }
      return false
    }
    steps += 1
    machine.elapsed += Int64(random.between(200, 40_000))
    var choice = random.below(total)
    note(UInt64(choice) << 8 | UInt64(total & 0xff))
    if choice == count {
      isPolling = true
      let ended = loops.indices.filter { !loops[$0]() }
      for index in ended.reversed() { loops.remove(at: index) }
      isPolling = false
      return true
    }
    if choice < tasks.count {
      let style = random.below(100)
      if style < habits.newest {
        choice = tasks.count - 1
      } else if style < habits.newest + habits.oldest {
        choice = 0
      }
      let task = tasks.remove(at: choice)
      if habits.slowTasks > 0, random.chance(habits.slowTasks) {
        after(delay(), life: machine.life) { haplo_run_job(task) }
      } else {
        haplo_run_job(task)
      }
      return true
    }
    choice -= tasks.count
    for id in order {
      let ready = queues[id]!.ready
      if choice < ready {
        run(id, choice)
        return true
      }
      choice -= ready
    }
    return true
  }

  private func run(_ id: ObjectIdentifier, _ choice: Int) {
    let job = queues[id]!.jobs.remove(at: choice)
    queues[id]!.busy += 1
    if habits.slowWork > 0, random.chance(habits.slowWork) {
      after(delay(), life: machine.life) { [self] in
        job()
        queues[id]?.busy -= 1
      }
    } else {
      job()
      queues[id]?.busy -= 1
      if queues[id]?.jobs.isEmpty == true, queues[id]?.busy == 0 {
        queues[id] = nil
        order.removeAll { $0 == id }
      }
    }
  }

  /// Called in the middle of a system call of the daemon: the other threads may go on meanwhile.
  func interleave() {
    guard habits.interleaving > 0, depth < 3, life != 0, machine.life == life,
      random.chance(habits.interleaving)
    else {
      return
    }
    depth += 1
    _ = step(isNested: true)
    machine.life = life
    depth -= 1
  }

  /// A time of any order of magnitude up to the longest.
  private func delay() -> Int64 {
    var limit = habits.longest
    while limit > 1000, random.chance(50) { limit /= 8 }
    return Int64(random.below(max(limit, 1)) + 1)
  }
}

nonisolated(unsafe) var scheduler = Scheduler(Random(seed: 0))
