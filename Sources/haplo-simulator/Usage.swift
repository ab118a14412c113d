/// The texts of `--help`. `make man` makes haplo-simulator(1) from the same.
enum Usage {
  /// What `--help` prints.
  static var text: String {
    """
    Usage: haplo-simulator --api-key-file FILE [OPTION]…
    A server on loopback that behaves like the batch import API of a Haplo server, and like the two pages on which
    such a server shows what became of the batches.

    \(options)

    \(faults)

    \(outcomes)

    \(door)

    \(record)

    \(ending)
    """
  }

  private static var options: String {
    let width = SimulatorOption.all.map(\.synopsis.count).max() ?? 0
    return SimulatorOption.all.map { option in
      "  \(option.synopsis)\(String(repeating: " ", count: width - option.synopsis.count))  \(option.help)"
    }.joined(separator: "\n")
  }

  static let faults = """
    FAULT is STEP:KIND[:SETTING=VALUE]…, for example file:drop:nth=2 or any:503:retry-after=5:probability=0.1
      STEP     control, batch, file, schedule, any (of these four);
               list-page (all batches), batch-page (one of them), pages (both)
      KIND     fail or the status itself (429, 503): settings status, body, type, retry-after, at
               html: a page with status 200 (body, at) · redirect: elsewhere (location, status)
               proxy: 502 after the work was done (status, retry-after)
               drop: cut after the work was done · half: half an answer, then cut
               cut: cut before the body, or after so much of it (bytes)
               stall: silence (for, at) · latency: a delay before anything else (for)
               wrong-digest · not-permitted: the page with status 200
               from then on: revoke (every key of the API, or of the pages, is refused), block (their user),
               throttle (the address), forget (every batch), forget-controls (every control file)
               schedule only: what becomes of the job, below · lose-job: the batch is marked as scheduled, no job is
               made, status 500 (with drop: no answer), as when the server fails between the two
               pages only: unknown-markup · truncated: the page ends early (bytes), the answer does not
               large-log: a log of 15 MiB, or so much (bytes)
      at       headers (before the body), body (after it, nothing done), end (all done)
      nth      the first request of its step or page that it meets, and the only one but for count
      count    how many it meets at the most
      probability, seed   of meeting each; the same seed makes the same choices
    """

  static let outcomes = """
    Jobs run one at a time in the order of the schedule requests, each for --job-time, and end as complete or, dry
    runs, as dry-run, with 0 errors. A fault of schedule changes that, for example schedule:complete:errors=3:nth=2
    or schedule:exception:comment=hr:
      complete     it ends so with this number of records that have errors (errors)
      exception    it ends in error, which the pages show with 0 errors
      stuck        it stays scheduled for ever, later ones run · killed: it stays running for ever, later ones run
      dead-worker  it stays running, and later ones stay scheduled until a restart
      for          how long it runs
      comment, batch   only of a batch with this text in its comment, with this number on the pages
    Of several that mean a job the last one decides. GET /do/haplo-data-import-batch/batches and /batch/NUMBER show
    the batches to the keys of --outcome-key-file, and refuse those of --api-key-file.
    """

  static let door = """
    While it runs (no key needed):
      curl URL/simulator/record                       the record as one JSON object: requests (counts by step
                                                      and page), pages (counts by path), sessions (made, live,
                                                      drops), controls, batches (in order of creation, with uploads,
                                                      files, scheduled, job, number, state, errors), jobs (in order
                                                      of scheduling), orphans
      curl -d file:drop:nth=2 URL/simulator/faults    adds faults; lines as above, or JSON with the same names:
                                                      {"step": "file", "kind": "drop", "nth": 2}, or an array
      curl -X DELETE URL/simulator/faults             removes them
      curl -d KEY URL/simulator/key                   accepts KEY for the API from now on; -X DELETE: refuses every key
      curl -d KEY URL/simulator/outcome-key           the same for the pages
      curl -X DELETE URL/simulator/throttle           forgets the failed keys
      curl -d COMMENT URL/simulator/batches           makes a batch by hand (state ready); prints its number
      curl -X POST URL/simulator/restart              restarts the server: a job that is running stays so for ever
    """

  static let record = """
    The record has one object a line, with event, time (seconds since 1970), and by event:
      control    digest, size, comment
      batch      batch, number, control, comment, state (uploading; ready when made by hand)
      file       batch, name, filename, digest, size, late (the batch was scheduled before)
      scheduled  batch, job (1, 2, …), control, mode (dry-run or import), files
      started    job, batch, state (running), errors (null)
      finished   job, batch, state (complete, dry-run, error), errors
      job-lost   batch
      request    number, step, method, path, address, received, status, answer, faults;
                 status and answer are null when the connection was cut; written before the answer is sent
      forgotten  what (batches, controls, sessions)
    """

  static let ending = """
    It ends on SIGTERM and SIGINT. Exit status: 0 ended by a signal, 64 usage, 66 a file cannot be read,
    69 it cannot listen, 73 a file cannot be created.
    """
}

/// One option of the command line: nothing else needs to know it but the place where it is taken.
struct SimulatorOption {
  /// Without dashes: `port`.
  let name: String
  /// What its argument is called in the help; nil: it takes none.
  let argument: String?
  let help: String

  private init(_ name: String, taking argument: String? = nil, _ help: String) {
    self.name = name
    self.argument = argument
    self.help = help
  }

  /// As it stands in the help: `--port PORT`.
  var synopsis: String { "--\(name)" + (argument.map { " \($0)" } ?? "") }

  static let all: [SimulatorOption] = [
    .init(
      "api-key-file", taking: "FILE", "the keys it accepts, one a line (under 16 characters: never accepted)"),
    .init(
      "outcome-key-file", taking: "FILE",
      "the keys for the pages that show what became of batches, one a line; without it: none"),
    .init("port", taking: "PORT", "port on 127.0.0.1; 0, the default, takes a free one"),
    .init("port-file", taking: "FILE", "where the port is written once it listens, in one piece"),
    .init("tls-certificate", taking: "FILE", "speaks HTTPS with this certificate chain (PEM)"),
    .init("tls-key", taking: "FILE", "with this private key (PEM); the two go together"),
    .init("record", taking: "FILE", "appends every event as a line of JSON (below)"),
    .init(
      "keep-files", taking: "DIRECTORY", "keeps what is uploaded, byte for byte, each file under its SHA-256"),
    .init("fault", taking: "FAULT", "misbehaves (below); can be given several times"),
    .init("job-time", taking: "TIME", "how long a job runs, if no fault says otherwise; 100ms"),
    .init("latency", taking: "TIME", "waits before every answer (50ms, 1.5s, 2min)"),
    .init("host", taking: "NAME", "answers to this name too, beside the loopback ones; any other gets 404"),
    .init("model", taking: "NAME", "knows only the models so named; without it every name with a colon"),
    .init("reader", taking: "NAME", "knows this reader too"),
    .init("require-https", "answers plain http with a redirection to https, as behind a proxy"),
    .init("silence", taking: "TIME", "answers 500 when a body is silent for so long; 30s"),
    .init("list-delay", taking: "TIME", "between reading and writing a batch's list of files; 2ms"),
    .init("help", "prints this"),
    .init("version", "prints the version"),
  ]
}
