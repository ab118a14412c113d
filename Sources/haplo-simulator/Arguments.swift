import CLinux
import Glibc
import HaploSimulator

/// Says what the command line asks for.
struct Arguments {
  enum Request {
    case run
    case print(String)
  }

  var request = Request.run
  var options = SimulatorOptions(apiKey: "")
  var portFile: String?
  private var apiKeyFile: String?
  private var outcomeKeyFile: String?
  private var certificateFile: String?
  private var keyFile: String?

  /// Reads the command line and the files of key and certificate that it names.
  init(_ words: [String]) throws(Failure) {
    options.apiKeys = []
    try scan(words)
    guard case .run = request else { return }
    try readKeys()
    try readTLS()
  }

  private mutating func scan(_ words: [String]) throws(Failure) {
    let all = SimulatorOption.all
    let table = all.enumerated().map { index, entry in
      option(
        name: strdup(entry.name), has_arg: entry.argument == nil ? 0 : 1, flag: nil, val: Int32(256 + index))
    }
    let pointers = words.map { strdup($0) } + [nil]
    defer {
      for entry in table { free(UnsafeMutablePointer(mutating: entry.name)) }
      for pointer in pointers { free(pointer) }
    }
    var value: UnsafePointer<CChar>?
    var next: Int32 = 0
    while true {
      // The first word that is no option ends them.
      let found = haplo_next_option(Int32(words.count), pointers, "+:", table + [option()], &value, &next)
      if found == -1 { break }
      guard found >= 256 else { throw Self.complaint(words[Int(next) - 1], isMissing: found == 0x3a) }
      try take(all[Int(found) - 256].name, value.map { String(cString: $0) } ?? "")
    }
    guard Int(next) == words.count else { throw .usage("'\(words[Int(next)])' is not an option") }
  }

  private static func complaint(_ word: String, isMissing: Bool) -> Failure {
    .usage(isMissing ? "option '\(word)' needs an argument" : "unknown or unclear option '\(word)'")
  }

  private mutating func take(_ name: String, _ value: String) throws(Failure) {
    switch name {
    case "api-key-file": apiKeyFile = value
    case "outcome-key-file": outcomeKeyFile = value
    case "port-file": portFile = value
    case "tls-certificate": certificateFile = value
    case "tls-key": keyFile = value
    case "record": options.recordPath = value
    case "keep-files": options.keepDirectory = value
    case "host": options.hostNames.insert(value.lowercased())
    case "model": options.models = (options.models ?? []).union([value])
    case "reader": options.readers.insert(value)
    case "require-https": options.requiresHTTPS = true
    case "help": request = .print(Usage.text)
    case "version": request = .print("haplo-simulator 0.1.0")
    default: try takeParsed(name, value)
    }
  }

  private mutating func takeParsed(_ name: String, _ value: String) throws(Failure) {
    switch name {
    case "port": options.port = try parsed(name, value, "a port from 0 to 65535") { UInt16($0) }
    case "fault": options.faults.append(try fault(value))
    case "job-time": options.jobTime = try time(name, value)
    case "latency": options.latency = try time(name, value)
    case "silence": options.silenceLimit = try time(name, value)
    default: options.listDelay = try time(name, value)
    }
  }

  private func fault(_ text: String) throws(Failure) -> Fault {
    do throws(FaultSyntaxError) { return try Fault(text) } catch { throw .usage("--fault: \(error)") }
  }

  private func time(_ name: String, _ value: String) throws(Failure) -> Duration {
    try parsed(name, value, "a time (50ms, 1.5s, 2min)") { Duration(simulatorText: $0) }
  }

  private func parsed<Value>(_ name: String, _ text: String, _ wanted: String, _ read: (String) -> Value?)
    throws(Failure) -> Value
  {
    guard let value = read(text) else { throw .usage("--\(name): '\(text)' is not \(wanted)") }
    return value
  }

  private mutating func readKeys() throws(Failure) {
    guard let apiKeyFile else { throw .usage("--api-key-file is missing") }
    options.apiKeys = try keys(in: apiKeyFile)
    if let outcomeKeyFile { options.outcomeKeys = try keys(in: outcomeKeyFile) }
  }

  private func keys(in path: String) throws(Failure) -> Set<String> {
    Set(try contents(of: path).split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace } })
  }

  private mutating func readTLS() throws(Failure) {
    switch (certificateFile, keyFile) {
    case (nil, nil): break
    case (let certificate?, let key?):
      options.tls = .init(certificate: try contents(of: certificate), key: try contents(of: key))
    default: throw .usage("--tls-certificate and --tls-key go together")
    }
  }
}
