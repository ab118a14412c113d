import CConcurrency
import CSimulation
import Glibc

simulation_settle(CommandLine.unsafeArgv)
haplo_take_over_global_executor { job in if let job { scheduler.add(task: job) } }
simulation_begin()
Runner(Options(CommandLine.arguments)).run()
