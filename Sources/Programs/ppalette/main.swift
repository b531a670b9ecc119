print("ppalette")
