/// True as soon as the condition holds; false if it does not for a minute, so that a test fails instead of waiting for ever.
func comesTrue(within limit: Duration = .seconds(60), _ condition: () async -> Bool) async -> Bool {
  let deadline = ContinuousClock.now + limit
  while !(await condition()) {
    guard ContinuousClock.now < deadline else { return false }
    await Task.yield()
  }
  return true
}
