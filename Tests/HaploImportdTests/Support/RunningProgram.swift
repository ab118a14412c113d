import Glibc

/// The program while it runs: what it says on standard error is read line by line, its other output as it ends.
final class RunningProgram {
  let process: pid_t
  private let errors: Int32
  private var unread: [UInt8] = []
  private var lines: [String] = []
  private var isOver = false
  private var status: Int32?
  /// Everything that was read so far.
  private(set) var transcript = ""

  /// Starts the built program, by way of another one or not.
  convenience init(_ arguments: [String], through wrapper: [String] = [], environment: [String] = []) {
    self.init(running: wrapper + [BuiltProgram.path] + arguments, environment: environment)
  }

  /// Starts any program by its path and arguments.
  init(running words: [String], environment: [String] = []) {
    var ends: [Int32] = [-1, -1]
    // A pipe of sockets, because no other test's program can inherit these even for a moment.
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
    precondition(socketpair(AF_UNIX, kind, 0, &ends) == 0, "no descriptors for a test")
    errors = ends[0]
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
    // The threads of the test runner block most signals, and what they start would as well: strace(1) would not end.
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, 0x08)  // POSIX_SPAWN_SETSIGMASK
    let argv = words.map { strdup($0) } + [nil]
    let variables = environment.map { strdup($0) } + [nil]
    defer { for text in argv + variables { free(text) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, words[0], &actions, &attributes, argv, variables)
    precondition(result == 0, "cannot start \(words[0]): error \(result)")
    self.process = process
    close(ends[1])
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(errors)
  }

  func signal(_ number: Int32) { kill(process, number) }

  /// Waits for a line with all of these words; each line is found once. Nil if none came in time, or the program ended.
  func line(with words: String..., within limit: Duration = .seconds(30)) -> String? {
    let deadline = ContinuousClock.now + limit
    repeat {
      if let index = lines.firstIndex(where: { line in words.allSatisfy(line.contains) }) {
        return lines.remove(at: index)
      }
    } while readMore(until: deadline)
    return nil
  }

  /// Waits for the end: the exit status, or the signal's number negated. Nil, and the program is killed, if it takes longer.
  func end(within limit: Duration = .seconds(30)) -> Int32? {
    if let status { return status }
    let deadline = ContinuousClock.now + limit
    // Standard error is closed by the end of the program, and by nothing else.
    while readMore(until: deadline) {}
    if !isOver { kill(process, SIGKILL) }
    var raw: Int32 = 0
    while waitpid(process, &raw, 0) < 0 && errno == EINTR {}
    let result = raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f)
    status = result
    return isOver ? result : nil
  }

  /// True if nothing is said for so long.
  func isSilent(for time: Duration) -> Bool { !readMore(until: .now + time) && !isOver }

  /// Reads what is there, waiting for it; false at the end, or when it is too late.
  private func readMore(until deadline: ContinuousClock.Instant) -> Bool {
    guard !isOver, waitForInput(errors, until: deadline) else { return false }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(errors, &block, block.count)
    guard count > 0 else {
      isOver = true
      return false
    }
    take(block[..<count])
    return true
  }

  private func take(_ bytes: ArraySlice<UInt8>) {
    transcript += String(decoding: bytes, as: UTF8.self)
    unread += bytes
    while let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(String(decoding: unread[..<end], as: UTF8.self))
      unread.removeSubrange(...end)
    }
  }
}

/// Waits until something can be read; false when it is too late.
func waitForInput(_ descriptor: Int32, until deadline: ContinuousClock.Instant) -> Bool {
  while true {
    let left = (deadline - .now).components
    guard left.seconds >= 0, left.attoseconds >= 0 else { return false }
    var watched = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    let ready = poll(&watched, 1, Int32(left.seconds * 1000 + left.attoseconds / 1_000_000_000_000_000 + 1))
    if ready > 0 { return true }
    if ready == 0 { return false }
  }
}
