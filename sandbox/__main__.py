"""The guest program: ``python -s -P sandbox ROLE FD SETTINGS`` serves the host at the socket with descriptor ``FD``.

``ROLE`` is ``checks`` for workers that decide claims, or ``cells`` for workers that run code which a model wrote.
"""

import json
import os
import socket
import sys
import traceback
from importlib.machinery import SourceFileLoader

import confine
import namespaces


def main() -> None:
    """Become the warm parent; in each process that it forks, become a worker."""
    if len(sys.argv) != 4 or sys.argv[1] not in ("checks", "cells"):
        sys.exit("usage: python -s -P sandbox checks|cells FD SETTINGS (started by genverify.tools, not by hand)")
    _, role, descriptor, text = sys.argv
    control = socket.socket(fileno=int(descriptor))
    settings = confine.Settings.read(json.loads(text))
    confine.few_descriptors()
    entered = namespaces.enter(control, frozenset(settings.off))
    code = 1
    try:
        if role == "checks":
            _checks(control, settings, entered)
        else:
            _cells(control, settings, entered)
        code = 0
    except confine.RefusedError as error:
        print(error, file=sys.stderr, flush=True)
    # The boundary of the process: its last words are what the host tells its user.
    except Exception:  # noqa: BLE001
        traceback.print_exc()
    finally:
        os._exit(code)  # nothing to flush; SymPy's and Z3's own endings cost tens of milliseconds


def _checks(control: socket.socket, settings: confine.Settings, entered: namespaces.Entered) -> None:
    import worker
    import zygote

    own = os.path.dirname(os.path.abspath(__file__))  # tools are loaded when they are first needed
    _compile(own)
    worker.serve(*zygote.serve(control, confine.Confinement(settings, entered, (own,))))


def _compile(folder: str) -> None:
    """Write what Python compiles beside its sources, where that is missing: soon the folder is read-only.

    Without it each start of a checkout would compile the tools anew, which takes as long as importing SymPy.
    """
    for name in os.listdir(folder):
        stem, ending = os.path.splitext(name)
        source = os.path.join(folder, name)
        made = os.path.join(folder, "__pycache__", f"{stem}.{sys.implementation.cache_tag}.pyc")
        if ending == ".py" and not (os.path.exists(made) and os.path.getmtime(made) >= os.path.getmtime(source)):
            SourceFileLoader(stem, source).get_code(stem)


def _cells(control: socket.socket, settings: confine.Settings, entered: namespaces.Entered) -> None:
    import kernel  # now: kernels have no reason to see this program's files
    import nursery

    kernel.serve(*nursery.serve(control, confine.Confinement(settings, entered, ())))


main()
