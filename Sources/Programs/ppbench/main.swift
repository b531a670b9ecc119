print("ppbench")
