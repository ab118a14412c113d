import CLinux
import Glibc
import ImportCore

/// Options and operands as getopt_long(3) takes them apart: options may be shortened while they are clear,
/// arguments follow after a blank or `=`, and `--` ends the options.
struct ParsedArguments: Sendable {
  /// For each option given its arguments in order; without one an empty text.
  private(set) var options: [String: [String]] = [:]
  /// What is no option.
  private(set) var operands: [String] = []

  /// Takes arguments apart, the program's name not among them. With `stopping`, the first operand ends
  /// the options. `subcommand` is named by the failure for an unknown option.
  init(_ arguments: [String], _ known: [CommandOption], stopping: Bool, subcommand: String? = nil)
    throws(Failure)
  {
    let vector = ArgumentVector([Program.name] + arguments)
    let table = OptionTable(known)
    var argument: UnsafePointer<CChar>?
    var next: Int32 = 0
    while true {
      let letters = (stopping ? "+:" : ":") + table.letters
      let found = haplo_next_option(vector.count, vector.pointers, letters, table.entries, &argument, &next)
      if found == -1 { break }
      guard let option = table.known(found) else {
        throw Self.failure(
          vector.text(next - 1), known, isMissing: found == Int32(UInt8(ascii: ":")), subcommand)
      }
      options[option.name, default: []].append(argument.map { String(cString: $0) } ?? "")
    }
    operands = (next..<vector.count).map(vector.text)
  }

  private static func failure(
    _ argument: String, _ known: [CommandOption], isMissing: Bool, _ subcommand: String?
  ) -> Failure {
    if isMissing { return .usage("option '\(argument)' needs an argument", subcommand: subcommand) }
    let name = argument.drop { $0 == "-" }.prefix { $0 != "=" }
    if known.contains(where: { $0.name == name && $0.argument == nil }) {
      return .usage("option '--\(name)' takes no argument", subcommand: subcommand)
    }
    let meant = known.filter { $0.name.hasPrefix(name) && !name.isEmpty }
    if meant.count > 1 {
      let names = meant.map { "'--\($0.name)'" }.joined(separator: " or ")
      return .usage("option '\(argument)' is not clear: \(names)?", subcommand: subcommand)
    }
    let hint = Spelling.nearest(to: String(name), among: known.map(\.name)).map {
      "; did you mean '--\($0)'?"
    }
    return .usage("unknown option '\(argument)'\(hint ?? "")", subcommand: subcommand)
  }
}

/// The arguments as C has them, which getopt_long(3) sorts in place.
private final class ArgumentVector {
  let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
  let count: Int32

  init(_ arguments: [String]) {
    count = Int32(arguments.count)
    pointers = .allocate(capacity: arguments.count + 1)
    pointers.initialize(repeating: nil, count: arguments.count + 1)
    for (index, argument) in arguments.enumerated() { pointers[index] = strdup(argument) }
  }

  deinit {
    for index in 0..<Int(count) { free(pointers[index]) }
    pointers.deallocate()
  }

  func text(_ index: Int32) -> String { pointers[Int(index)].map { String(cString: $0) } ?? "" }
}

/// The known options as C has them. The numbers of options begin where those of letters end.
private final class OptionTable {
  let entries: UnsafeMutablePointer<option>
  let letters: String
  private let options: [CommandOption]
  private static let firstNumber: Int32 = 256

  init(_ known: [CommandOption]) {
    options = known
    letters = known.compactMap { option in option.letter.map { option.argument == nil ? "\($0)" : "\($0):" } }
      .joined()
    entries = .allocate(capacity: known.count + 1)
    for (index, entry) in known.enumerated() {
      let takes =
        entry.argument == nil ? no_argument : entry.isArgumentOptional ? optional_argument : required_argument
      entries.advanced(by: index).initialize(
        to: CLinux.option(
          name: strdup(entry.name), has_arg: takes, flag: nil, val: Self.firstNumber + Int32(index)))
    }
    entries.advanced(by: known.count).initialize(to: CLinux.option())
  }

  deinit {
    for index in options.indices { free(UnsafeMutablePointer(mutating: entries[index].name)) }
    entries.deallocate()
  }

  func known(_ number: Int32) -> CommandOption? {
    if number >= Self.firstNumber { return options[Int(number - Self.firstNumber)] }
    return options.first { $0.letter?.asciiValue.map(Int32.init) == number }
  }
}
