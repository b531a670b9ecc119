print("ppadm")
