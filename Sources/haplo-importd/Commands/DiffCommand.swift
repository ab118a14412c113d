import ImportCore
import ImportService
import ImportSystem

extension Subcommand {
  static let diff = Subcommand(
    name: "diff", operands: "SET [OTHER]", operandCount: 1...2,
    summary: "compares a set's records with those of an earlier set",
    details: """
      SET and OTHER are ids or unambiguous prefixes, or, with a '/' in it, the path of a set
      that was not picked up yet: its folder or control file. Without OTHER, SET is compared
      with the set of its source that was scheduled before it in the same mode. For each
      file, prints the number of records before and now. With RecordKey.KEY=, records are
      paired by their keys: added, removed and changed records are counted, and the first \(DiffReport.limit)
      of each are named, changed ones with the changed fields. Without it, equal records are
      paired, and added and removed records are named by their number in the file.
      --json prints a summary of each file, followed by each record that differs.

      Reads the files itself, so run it as root or as the daemon's user. Exit status: 0
      with or without differences, 65 if a file cannot be read to its end, 66 if there is no
      such set, or retention has deleted its files.
      """,
    options: [.rules, .json]
  ) { invocation throws(Failure) in
    var finder = try ComparedSetFinder(invocation)
    let new = try finder.find(invocation.operands[0])
    let old =
      invocation.operands.count == 2 ? try finder.find(invocation.operands[1]) : try finder.previous(of: new)
    let keys = finder.recordKeys(new.source)
    if invocation.has(.json) {
      return try await DiffReport(old.set, new.set, keys, command: "diff").writeJSON()
    }
    return try await DiffReport(old.set, new.set, keys, command: "diff").write(Terminal.style())
  }
}
