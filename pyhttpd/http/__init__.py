"""HTTP as bytes in and bytes out: no sockets, no configuration, no Apache modules.

Everything here can be tested by feeding it bytes. Text follows one rule: what came as bytes is decoded as
UTF-8 with `surrogateescape` and goes out by the same rule, so no byte is ever lost.
"""
