Benchmarks.runProgram()
