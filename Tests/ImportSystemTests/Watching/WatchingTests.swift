import Glibc
import ImportSystem
import Testing

@Suite(.timeLimit(.minutes(5))) struct WatchingTests {
  private func temporary() throws -> Directory {
    var template = Array("/tmp/watching-test-XXXXXX".utf8CString)
    return try FileSystem().openDirectory(String(cString: mkdtemp(&template)!))
  }

  private func remove(_ directory: Directory) { _ = system("rm -rf '\(directory.path)'") }

  private func write(_ name: String, in directory: Directory) {
    close(open(directory.path(of: name), O_WRONLY | O_CREAT | O_CLOEXEC, 0o644))
  }

  @Test func `names are told as they come, change and go`() throws {
    let directory = try temporary()
    defer { remove(directory) }
    let inotify = try Inotify()
    let watch = try inotify.add(directory)
    #expect(inotify.read() == [])
    write("a", in: directory)
    let name = EntryName("a")
    #expect(Set(inotify.read()) == [.changed(watch, name)])
    rename(directory.path(of: "a"), directory.path(of: "b"))
    #expect(inotify.read() == [.left(watch, name), .changed(watch, EntryName("b"))])
    chmod(directory.path(of: "b"), 0o600)
    unlink(directory.path(of: "b"))
    let events = inotify.read()
    #expect(events.last == .left(watch, EntryName("b")))
    #expect(events.dropLast().allSatisfy { $0 == .changed(watch, EntryName("b")) })
  }

  @Test func `a watched directory keeps its watch, and a removed watch says that it has ended`() throws {
    let directory = try temporary()
    defer { remove(directory) }
    let inotify = try Inotify()
    let watch = try inotify.add(directory)
    #expect(try inotify.add(directory) == watch)
    inotify.remove(watch)
    #expect(inotify.read() == [.ended(watch)])
    write("a", in: directory)
    #expect(inotify.read() == [])
  }

  @Test func `a directory that goes is lost, by removal and by moving`() throws {
    let directory = try temporary()
    defer { remove(directory) }
    let inotify = try Inotify()
    mkdir(directory.path(of: "a"), 0o755)
    mkdir(directory.path(of: "b"), 0o755)
    let first = try inotify.add(directory.openDirectory("a"))
    let second = try inotify.add(directory.openDirectory("b"))
    rmdir(directory.path(of: "a"))
    #expect(inotify.read() == [.lost(first), .ended(first)])
    rename(directory.path(of: "b"), directory.path(of: "c"))
    #expect(inotify.read() == [.lost(second)])
  }

  @Test func `a queue that ran over says so`() throws {
    let directory = try temporary()
    defer { remove(directory) }
    let inotify = try Inotify()
    _ = try inotify.add(directory)
    for number in 0..<17_000 { write("file\(number)", in: directory) }
    #expect(inotify.read().contains(.overflow))
  }

  @Test func `who writes is told by the kernel`() throws {
    SignalReader.ignore(SIGIO)
    let directory = try temporary()
    defer { remove(directory) }
    write("a", in: directory)
    let file = try directory.openForReading("a")
    #expect(file.probeWriters() == .nobody)
    let writer = open(directory.path(of: "a"), O_WRONLY | O_CLOEXEC)
    #expect(file.probeWriters() == .somebody)
    close(writer)
    // A process that another test starts at this moment may have inherited the writer until it executes.
    while file.probeWriters() == .somebody { sched_yield() }
    #expect(file.probeWriters() == .nobody)
  }

  @Test(arguments: [("/tmp", false), ("/proc", false)])
  func `local file systems tell of changes`(path: String, isRemote: Bool) throws {
    #expect(try FileSystem().openDirectory(path).fileSystemKind().isRemote == isRemote)
  }

  @Test func `free space is told in bytes`() throws {
    let directory = try temporary()
    defer { remove(directory) }
    #expect(try directory.room().bytes > 1 << 20)
    #expect(try FileSystem().openDirectory("/proc").room() == (0, nil))
  }
}
