"""What it takes to load a server and to see what that cost: shared by `pyhttpd compare` and benchmarks/.

`wrk` and `own` send requests, `processes` reads what a server's processes have used, `machine` says where it
was measured, `svg` draws. Linux only: it reads /proc. All traffic stays on 127.0.0.1, and every loop ends by
count or by clock.
"""
