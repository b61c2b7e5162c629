"""All attacks, in the order of the table."""

from typing import Final

from genverify.selftest import files, forging, network, processes, protocol, resources
from genverify.selftest.attack import Attack

GROUPS: Final[dict[str, tuple[Attack, ...]]] = {
    "files": files.ATTACKS,
    "network": network.ATTACKS,
    "processes": processes.ATTACKS,
    "resources": resources.ATTACKS,
    "protocol": protocol.ATTACKS,
    "forging": forging.ATTACKS,
}
"""What they attack, and the attacks."""
ATTACKS: Final = tuple(attack for group in GROUPS.values() for attack in group)
