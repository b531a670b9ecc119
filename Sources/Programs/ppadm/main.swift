import Glibc

exit(PPAdm.runHere())
