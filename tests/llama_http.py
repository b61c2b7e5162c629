"""A llama.cpp server on a free port, as a program: ``llama_http.py FILE.gguf`` prints its port and serves."""

import sys
import time

import xllamacpp

params = xllamacpp.CommonParams()
params.model.path = sys.argv[1]
params.n_parallel, params.n_ctx = 2, 2 * 1024
params.cpuparams.n_threads = params.cpuparams_batch.n_threads = 1
params.hostnames, params.port = ["127.0.0.1"], 0
params.verbosity = 0
server = xllamacpp.Server(params)
print(server.listening_address.rpartition(":")[2], flush=True)
while True:
    time.sleep(60)
