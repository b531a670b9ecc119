import Node

Node.runProgram()
