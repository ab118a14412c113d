/// The texts of `--help`. `make man` makes haplo-simulator(1) from the same.
enum Usage {
  /// What `--help` prints.
  static var text: String {
    """
    Usage: haplo-simulator --api-key-file FILE [OPTION]…
    A server on loopback that behaves like the batch import API of a Haplo server.

    \(options)

    \(faults)

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
      STEP     control, batch, file, schedule, any
      KIND     fail or the status itself (429, 503): settings status, body, type, retry-after, at
               html: a page with status 200 (body, at) · redirect: elsewhere (location, status)
               proxy: 502 after the work was done (status, retry-after)
               drop: cut after the work was done · half: half an answer, then cut
               cut: cut before the body, or after so much of it (bytes)
               stall: silence (for, at) · latency: a delay before anything else (for)
               wrong-digest · not-permitted: the page with status 200
               from then on: revoke (every key refused), block (the user), throttle (the address),
               forget (every batch), forget-controls (every control file)
      at       headers (before the body), body (after it, nothing done), end (all done)
      nth      the first request of its step that it meets, and the only one but for count
      count    how many it meets at the most
      probability, seed   of meeting each; the same seed makes the same choices
    """

  static let door = """
    While it runs (no key needed):
      curl URL/simulator/record                       the record as one JSON object: requests (counts by step),
                                                      controls, batches (in order of creation, with uploads, files,
                                                      scheduled, job), jobs (in order of scheduling), orphans
      curl -d file:drop:nth=2 URL/simulator/faults    adds faults; lines as above, or JSON with the same names:
                                                      {"step": "file", "kind": "drop", "nth": 2}, or an array
      curl -X DELETE URL/simulator/faults             removes them
      curl -d KEY URL/simulator/key                   accepts KEY from now on; -X DELETE: refuses every key
      curl -X DELETE URL/simulator/throttle           forgets the failed keys
    """

  static let record = """
    The record has one object a line, with event, time (seconds since 1970), and by event:
      control    digest, size, comment
      batch      batch, control, comment
      file       batch, name, filename, digest, size, late (the batch was scheduled before)
      scheduled  batch, job (1, 2, …), control, mode (dry-run or import), files
      request    number, step, method, path, address, received, status, answer, faults;
                 status and answer are null when the connection was cut; written before the answer is sent
      forgotten  what (batches, controls)
    """

  static let ending = """
    It ends on SIGTERM and SIGINT. Exit status: 0 ended by a signal, 64 usage, 66 a file cannot be read,
    69 it cannot listen, 73 a file cannot be created.
    """
}
