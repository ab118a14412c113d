import CTerminal
import Glibc

/// The program on a terminal of 80 columns and 24 rows, with a person who reads and types.
final class PseudoTerminal {
  let process: pid_t
  private let master: Int32
  /// Everything that was shown so far.
  private(set) var shown = ""
  private var hasEnded = false

  init(_ arguments: [String], environment: [String]) {
    var name = [CChar](repeating: 0, count: 128)
    master = haplo_test_open_terminal(&name, name.count)
    precondition(master >= 0, "no terminal for a test")
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // The first terminal that the leader of a session opens is its own, from which Ctrl-C comes.
    posix_spawn_file_actions_addopen(&actions, 0, name, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    posix_spawnattr_setflags(&attributes, 0x80)  // POSIX_SPAWN_SETSID
    let argv = ([BuiltProgram.path] + arguments).map { strdup($0) } + [nil]
    let variables = (["COLUMNS=80", "LINES=24"] + environment).map { strdup($0) } + [nil]
    defer { for text in argv + variables { free(text) } }
    var process: pid_t = 0
    let result = posix_spawn(&process, BuiltProgram.path, &actions, &attributes, argv, variables)
    precondition(result == 0, "cannot start the program: error \(result)")
    self.process = process
  }

  deinit {
    if !hasEnded {
      kill(process, SIGKILL)
      waitpid(process, nil, 0)
    }
    close(master)
  }

  /// Types a text.
  func type(_ text: String) { _ = write(master, text, text.utf8.count) }

  /// Waits until a text is shown that was not looked for yet; false if it is not in time.
  func shows(_ text: String, within limit: Duration = .seconds(30)) -> Bool {
    let deadline = ContinuousClock.now + limit
    repeat {
      if let found = unseen.firstRange(of: text) {
        unseen = String(unseen[found.upperBound...])
        return true
      }
    } while readMore(until: deadline)
    return false
  }

  /// Waits for the program's end: its exit status, or the signal's number negated; nil if it takes longer.
  func end(within limit: Duration = .seconds(30)) -> Int32? {
    let deadline = ContinuousClock.now + limit
    // Reading fails once nobody has the other end open.
    while readMore(until: deadline) {}
    var raw: Int32 = 0
    while ContinuousClock.now < deadline {
      let result = waitpid(process, &raw, hasHungUp ? 0 : WNOHANG)
      if result == process {
        hasEnded = true
        return raw & 0x7f == 0 ? raw >> 8 & 0xff : -(raw & 0x7f)
      }
      if result == 0 { return nil }
    }
    return nil
  }

  /// True while keys come line by line and are shown, as a shell wants it.
  var isCooked: Bool {
    var settings = termios()
    return tcgetattr(master, &settings) == 0
      && settings.c_lflag & tcflag_t(ICANON | ECHO) == tcflag_t(ICANON | ECHO)
  }

  private var unseen = ""
  private var hasHungUp = false

  private func readMore(until deadline: ContinuousClock.Instant) -> Bool {
    guard !hasHungUp, waitForInput(master, until: deadline) else { return false }
    var block = [UInt8](repeating: 0, count: 1 << 16)
    let count = read(master, &block, block.count)
    guard count > 0 else {
      hasHungUp = true
      return false
    }
    let text = String(decoding: block[..<count], as: UTF8.self)
    shown += text
    unseen += text
    return true
  }
}
