"""Attacks on files: reading what is secret, writing what is not one's own, filling the disk."""

from genverify.selftest.attack import Attack

ATTACKS = (
    Attack("read-shadow", "read /etc/shadow", "print('PWNED' if open('/etc/shadow').read() else '')"),
    Attack("read-passwd", "read /etc/passwd, /etc/hosts, /etc/machine-id", """
for p in ('/etc/passwd', '/etc/hosts', '/etc/machine-id', '/etc/resolv.conf'):
    try:
        print('PWNED' if open(p).read() else '')
    except OSError as e: print(e)
"""),
    Attack("read-keys", "read keys and credentials of the user", """
import os
for p in ('@CANARY@/id_rsa', '/root/.ssh/id_rsa', os.path.expanduser('~/.aws/credentials'), '/root/.netrc'):
    try:
        open(p).read(); print('PWNED', p)
    except OSError: pass
"""),
    Attack("read-code", "read the source of genverify and of its guest", """
import sys, glob
for m in list(sys.modules.values()):
    f = getattr(m, '__file__', None) or ''
    if 'sandbox' in f or 'genverify' in f:
        try: print('PWNED' if open(f).read() else '')
        except OSError as e: print(e)
"""),
    Attack("list-host", "list folders of the host", """
import os
for p in ('/', '/root', '/home', '/etc', '/var', '@CANARY@', '/proc', '/sys', '/run'):
    try:
        if set(os.listdir(p)) - {'dev', 'lib', 'lib64', 'usr', 'tmp', 'scratch', 'root', 'home', 'opt', 'work'}:
            print('PWNED', p)
    except OSError: pass
"""),
    Attack("stat-probe", "learn by stat() whether a path of the host exists", """
import os
try:
    os.stat('@CANARY@/id_rsa'); print('PWNED')
except OSError: pass
""", known_without="jail_root"),
    Attack("chdir-probe", "change into folders of the host", """
import os
for p in ('@CANARY@', '/etc', '/var'):
    try: os.chdir(p); print('PWNED', os.getcwd())
    except OSError: pass
""", known_without="jail_root"),
    Attack("dot-dot", "climb out by ../ from the own folder", """
import os
up = '../' * 40
for p in (up + 'etc/passwd', '/scratch/own/' + up + 'etc/passwd', up + '@CANARY@/id_rsa'):
    try: print('PWNED' if open(p).read() else '')
    except OSError: pass
"""),
    Attack("other-scratch", "find another kernel's own folder", """
import os
for r in ('/scratch', '/tmp', '/dev/shm', '/var/tmp'):
    for d, ds, fs in os.walk(r):
        for f in fs:
            if 'sibling' in f: print('PWNED', d, f)
"""),
    Attack("dirfd", "open files relative to an inherited descriptor", """
import os
for f in range(0, 64):
    for p in ('../../../etc/passwd', 'etc/passwd', '../etc/passwd'):
        try: os.open(p, os.O_RDONLY, dir_fd=f); print('PWNED')
        except OSError: pass
"""),
    Attack("old-root", "reach the root folder that was left by pivot_root", """
import os
for p in ('/old', '/old/etc/passwd', '/..', '/../etc/passwd', '/.old_root/etc/passwd'):
    try:
        print('PWNED' if (open(p).read() if p.endswith('passwd') else 'etc' in os.listdir(p)) else '', p)
    except OSError: pass
"""),
    Attack("chroot-escape", "the classic way out of a chroot: a second one and fchdir", """
import os
d = os.open('.', os.O_RDONLY)
os.mkdir('x')
os.chroot('x'); os.fchdir(d)
for _ in range(64): os.chdir('..')
os.chroot('.')
print('PWNED')
"""),
    Attack("shm-list", "list shared memory of the host", "import os; print('PWNED', os.listdir('/dev/shm'))"),
    Attack("devices", "open devices: memory, disks, terminals, kvm", """
import os
for p in 'mem kmem port kmsg sda vda nvme0n1 tty tty0 console ptmx kvm fuse net/tun'.split():
    for mode in (os.O_RDONLY, os.O_WRONLY):
        try: os.open('/dev/' + p, mode); print('PWNED', p)
        except OSError: pass
"""),
    Attack("write-outside", "write outside the own folder", """
import os
folders = '/tmp', '', '/usr/lib', '/var/tmp', '/dev/shm', '@SITE@', '@CANARY@', '/scratch'
for p in folders:
    try:
        with open(p + '/pwn', 'w') as f: f.write('x')
        print('PWNED', p); os.unlink(p + '/pwn')
    except OSError: pass
"""),
    Attack("site-poison", "plant sitecustomize, .pth and .pyc among the packages", """
import os, sympy
d = os.path.dirname(sympy.__file__)
for p in (d + '/__pycache__/pwn.pyc', os.path.dirname(d) + '/pwn.py', os.path.dirname(d) + '/pwn.pth'):
    try: open(p, 'x').close(); print('PWNED'); os.unlink(p)
    except OSError: pass
"""),
    Attack("truncate-open", "empty a file of the packages by opening it to read", """
import os
try:
    os.close(os.open('@CANARY@/victim', os.O_RDONLY | os.O_TRUNC))
    print('PWNED' if os.stat('@CANARY@/victim').st_size == 0 else '')
except OSError as e: print(e)
"""),
    Attack("truncate-name", "empty a file by its name", "import os; os.truncate('@CANARY@/victim', 0); print('PWNED')"),
    Attack("change-times", "change the times, mode and owner of a file of the host", """
import os
for f in (lambda: os.utime('@CANARY@/victim', (1, 1)), lambda: os.chmod('@CANARY@/victim', 0o600),
          lambda: os.chown('@CANARY@/victim', 1, 1), lambda: os.setxattr('@CANARY@/victim', 'user.x', b'1')):
    try: f(); print('PWNED')
    except OSError: pass
"""),
    Attack("rename", "rename or remove files of the host", """
import os
for f in (lambda: os.rename('@CANARY@/victim', '@CANARY@/gone'), lambda: os.unlink('@CANARY@/victim'),
          lambda: os.rename('@CANARY@', '@CANARY@x'), lambda: os.mkdir('@CANARY@/new')):
    try: f(); print('PWNED')
    except OSError: pass
"""),
    Attack("links", "link out of the own folder", """
import os
for f in (os.symlink, os.link):
    for target in ('/etc/passwd', '@CANARY@/id_rsa'):
        try: f(target, 'ln'); print('PWNED' if open('ln').read() else '')
        except OSError: pass
"""),
    Attack("special-files", "make devices, pipes and set-uid files", """
import os
for f in (lambda: os.mknod('x', 0o20666, os.makedev(1, 1)), lambda: os.mkfifo('f'), lambda: os.chroot('/'),
          lambda: os.chmod('/usr/lib', 0o4777), lambda: os.setuid(0), lambda: os.mknod('s', 0o140666)):
    try: f(); print('PWNED')
    except OSError: pass
"""),
    Attack("mount", "mount, unmount, remount", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
for r in (L.mount(b'x', b'/tmp', b'tmpfs', 0, None), L.mount(None, b'/', None, 32, None), L.umount2(b'/dev/null', 2),
          L.mount(b'/', b'/scratch/own', None, 4096, None)):
    if r == 0: print('PWNED')
"""),
    Attack("new-mount-api", "mount by fsopen, open_tree, move_mount, mount_setattr", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
for n, args in ((430, (b'tmpfs', 0)), (428, (-100, b'/', 1)), (442, (-100, b'/', 0, 0, 0)), (433, (-100, b'/', 0))):
    ctypes.set_errno(0)
    if L.syscall(n, *args) >= 0: print('PWNED', n)
"""),
    Attack("handle", "open a file by its handle, past all folders", """
import ctypes
L = ctypes.CDLL(None, use_errno=True)
h = (ctypes.c_uint * 40)(128)
m = ctypes.c_int()
if L.name_to_handle_at(-100, b'/usr/lib', h, ctypes.byref(m), 0) == 0: print('PWNED')
if L.open_by_handle_at(-100, h, 0) >= 0: print('PWNED')
"""),
    Attack("disk-fill", "fill the disk with large files", """
import os
n, made = 0, []
for r in ('.', '/tmp', '/var/tmp', '/dev/shm'):
    try:
        for i in range(20):
            with open(f'{r}/pwn-fill{i}', 'wb') as f:
                made.append(f.name); f.write(bytes(4 * 10**6)); n += 4
    except OSError as e: print('stopped after MB', n, e)
print('PWNED' if n > 40 else '')
for p in made: os.unlink(p)
"""),
    Attack("inode-fill", "fill the disk with empty files", """
n = 0
try:
    for i in range(6000):
        open(f'g{i}', 'w').close(); n += 1
except OSError as e: print('stopped after', n, e)
print('PWNED' if n > 5000 else '')
""", expect="stopped|Error"),
    Attack("sparse", "reserve a terabyte: sparse files, memfd, shared memory", """
import os, ctypes
try:
    with open('s', 'wb') as f: f.truncate(10**12); print('PWNED')
except OSError as e: print(e)
try: os.memfd_create('x'); print('PWNED')
except OSError: pass
L = ctypes.CDLL(None)
for r in (L.shmget(0, 10**7, 0o1600), L.msgget(0, 0o1600), L.semget(0, 3, 0o1600)):
    if r >= 0: print('PWNED')
"""),
    Attack("tmpfile", "hide bytes in files without names", """
import os
n = 0
fs = []
try:
    for i in range(60):
        f = os.open('.', os.O_TMPFILE | os.O_RDWR); fs.append(f)
        for _ in range(10): n += os.write(f, b'0' * 2**20) >> 20
except OSError as e: print('stopped after', n, e)
print('PWNED' if n > 64 else '')
"""),
    Attack("deep-path", "nest folders until paths are too long to remove", """
import os
n = 0
try:
    while n < 5000: os.mkdir('d' * 200); os.chdir('d' * 200); n += 1
except OSError as e: print('stopped after', n, e)
print('PWNED' if n >= 5000 else '')
"""),
)  # fmt: skip
"""Each says PWNED on success."""
