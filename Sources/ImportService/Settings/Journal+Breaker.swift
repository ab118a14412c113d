public import ImportStorage
public import HaploAPI
public import ImportCore

extension Journal: BreakerStore {
  public nonisolated var breaker: ServerBreaker { server }
}
