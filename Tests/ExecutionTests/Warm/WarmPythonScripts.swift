/// Plugins in Python that end, fail and speak in every way that the interpreter knows.
enum WarmPythonScripts {
    static let scripts: [String: String] = [
        "exit_none": #"""
        import sys; print("a", end=""); sys.exit()
        """#,
        "exit_str": #"""
        import sys; print("a"); sys.exit("gone wrong é")
        """#,
        "exit_obj": #"""
        import sys
        class X:
          def __str__(self): return "objekt"
        sys.exit(X())
        """#,
        "exit_big": #"""
        import sys; sys.exit(2**70)
        """#,
        "exit_neg": #"""
        import sys; sys.exit(-3)
        """#,
        "exit_true": #"""
        raise SystemExit(True)
        """#,
        "exit_tuple": #"""
        raise SystemExit(1,2)
        """#,
        "uncaught": #"""
        def f(x):
            return g(x)
        def g(x):
            raise ValueError("bad %r" % x)
        try:
            f(1)
        except ValueError as e:
            raise KeyError("second") from e
        """#,
        "context": #"""
        try:
            1/0
        except ZeroDivisionError:
            {}["x"]
        """#,
        "group": #"""
        raise ExceptionGroup("g", [ValueError(1), TypeError("x")])
        """#,
        "hook": #"""
        import sys
        def hook(t, v, tb):
            import traceback
            print("UNKNOWN -", t.__name__, v); print(traceback.format_tb(tb)); print(sys.exc_info(), sys.last_type)
            sys.exit(3)
        sys.excepthook = hook
        raise RuntimeError("x")
        """#,
        "hook_bad": #"""
        import sys
        def hook(t, v, tb):
            raise TypeError("in hook")
        sys.excepthook = hook
        raise RuntimeError("x")
        """#,
        "kbd": #"""
        raise KeyboardInterrupt
        """#,
        "kbd2": #"""
        import os, signal
        os.kill(os.getpid(), signal.SIGINT)
        import time; time.sleep(1)
        """#,
        "recursion": #"""
        import sys
        def f(n): return f(n+1)

        f(0)
        """#,
        "thread": #"""
        import threading, time
        def f():
            time.sleep(0.1); print("thread done", flush=False)
        threading.Thread(target=f).start()
        print("main done")
        """#,
        "daemon": #"""
        import threading, time
        def f():
            time.sleep(10); print("never")
        threading.Thread(target=f, daemon=True).start()
        print("main done")
        """#,
        "thread_exc": #"""
        import threading, re, sys
        def f():
            raise ValueError("in thread")
        t = threading.Thread(target=f, name="t1"); t.start(); t.join()
        sys.exit(1)
        """#,
        "unflushed": #"""
        import os
        f = open("/dev/null", "w"); f.write("hello")
        g = os.fdopen(os.dup(1), "w"); g.write("late\n")
        """#,
        "gen": #"""
        def f():
            try: yield 1
            finally: print("finally")
        g = f(); next(g)
        """#,
        "globals": #"""
        print(sorted(globals()), list(globals())[:9])
        print(__name__, __file__, __doc__, __package__, __spec__, __builtins__, __cached__, type(__loader__), __loader__.name, __loader__.path)
        """#,
        "doc": #"""
        """the doc"""
        print(__doc__); print(__annotations__)
        x: int = 3
        print(__annotations__)
        """#,
        "stdin": #"""
        import sys
        print(repr(sys.stdin.readline()), list(sys.stdin))
        try: input()
        except EOFError as e: print("eof", e)
        """#,
        "osexit": #"""
        import os
        print("flushed", flush=True); print("lost"); os._exit(2)
        """#,
        "fork": #"""
        import os, sys
        print("before", flush=True)
        p = os.fork()
        if p == 0:
            print("child", os.getppid() > 1); sys.exit(4)
        print("status", os.waitpid(p, 0)[1]); 
        try: os.wait()
        except ChildProcessError as e: print(e)
        """#,
        "mp": #"""
        import multiprocessing as m
        def f(x): return x*x
        if __name__ == "__main__":
            with m.Pool(2) as p: print(p.map(f, [1,2,3]))
            c = m.get_context("spawn")
            with c.Pool(1) as p: print(p.map(f, [1,2,3]))
        """#,
        "sub": #"""
        import subprocess
        print(subprocess.run(["sh","-c","echo hi; echo err >&2; exit 3"], capture_output=True))
        print(subprocess.check_output(["ls","/proc/self/fd"]))
        """#,
        "synwarn": #"""
        x = 1
        if x is 1: print("one \d")
        """#,
        "syntax": #"""
        print("a"
        x = = 2
        """#,
        "coding": #"""
        # -*- coding: latin-1 -*-
        print("fine")
        """#,
        "ctypes": #"""
        import ctypes, struct
        l = ctypes.CDLL(None); l.printf(b"from C\n"); print(ctypes.sizeof(ctypes.c_long), struct.pack("I", 3))
        """#,
        "random": #"""
        import random, tempfile, uuid, logging
        logging.warning("w %d", 1); logging.getLogger().handlers[0].flush()
        r = logging.LogRecord("a", 1, "f", 1, "m", (), None); print(r.relativeCreated < 500)
        """#,
        "decimal": #"""
        import decimal, locale, datetime, email, http.client, ssl, sqlite3, asyncio, concurrent.futures
        async def f(): return 5
        print(asyncio.run(f()))
        with concurrent.futures.ThreadPoolExecutor(2) as e: print(list(e.map(lambda x: x+1, [1,2])))
        print(sqlite3.connect(":memory:").execute("select 1").fetchall(), locale.getlocale(), decimal.Decimal(1)/3)
        """#,
        "alarm": #"""
        import signal, sys, time
        def h(*a): print("UNKNOWN - alarm"); sys.exit(3)
        signal.signal(signal.SIGALRM, h); signal.setitimer(signal.ITIMER_REAL, 0.1); time.sleep(5)
        """#,
        "segv": #"""
        import os, signal
        print("x", flush=True); os.kill(os.getpid(), signal.SIGSEGV)
        """#,
        "abort": #"""
        import os
        os.abort()
        """#,
        "epipe": #"""
        import os, sys
        print("data"); os.close(1)
        """#,
        "closed": #"""
        import sys
        print("data"); sys.stdout.close()
        """#,
        "noout": #"""
        import sys
        sys.stdout = None; sys.stderr = None
        sys.exit("text")
        """#,
        "replaced": #"""
        import sys, io
        sys.stdout = io.TextIOWrapper(sys.stdout.buffer, encoding="ascii", errors="replace", write_through=False)
        print("héllo")
        """#,
        "replaced2": #"""
        import sys
        class W:
            def write(s, t): return len(sys.__stdout__.write(t.upper()))if 0 else sys.__stdout__.write(t.upper())
            def flush(s): sys.__stdout__.write("[flush]")
        sys.stdout = W()
        print("hello")
        """#,
        "main_import": #"""
        import __main__, sys
        print(__main__ is sys.modules["__main__"], __main__.__dict__ is globals())
        import pickle
        class P: pass
        print(pickle.dumps(P()))
        """#,
        "inspect": #"""
        import inspect
        def f(): return inspect.getsource(f)
        print(f()); print(inspect.currentframe().f_code.co_name)
        """#,
        "exec": #"""
        import os
        print("x", flush=True); os.execv("/bin/echo", ["echo", "execed"])
        """#,
        "mypool": #"""
        import json, helpermod
        print(helpermod.value())
        """#,
        "exitmod": #"""
        import json
        import exiting
        print("not reached")
        """#,
        "noimport": #"""
        import json
        import missing_module
        """#,
        "tb": #"""
        import traceback
        def f(): raise ValueError("x")
        try: f()
        except ValueError: traceback.print_exc(); print(traceback.format_exc())
        """#,
        "usetrace": #"""
        import sys, os
        sys.setrecursionlimit(300); os.environ["A"]="b"; os.chdir("/tmp"); sys.path.insert(0,"/tmp"); print(os.popen("echo $A").read())
        """#,
        "argparse": #"""
        import argparse
        p = argparse.ArgumentParser(); p.add_argument("-w", type=int); p.parse_args(["-w", "x"])
        """#,
        "gcstate": #"""
        import gc; print(gc.isenabled(), gc.get_threshold(), gc.get_debug(), gc.garbage)
        """#,
    ]
}
