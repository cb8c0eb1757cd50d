"""Who a request is from: its peer, or, behind a proxy that is trusted, whom that proxy has seen."""

from collections.abc import Iterable
from ipaddress import IPv6Address, ip_address, ip_network

from starlette.types import Scope

_IPV6_HOME = 64
"""Bits of an IPv6 address that one household is given: whoever holds them can take any address below."""


class Clients:
    """Names clients for the limits; `trusted` are the networks of proxies whose X-Forwarded-For is believed."""

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = tuple(ip_network(network) for network in trusted)

    def name_of(self, scope: Scope) -> str:
        """The client: an address, or the network of a household."""
        peer = scope["client"][0] if scope.get("client") else ""
        if not self._is_trusted(peer):
            return _household(peer)
        told = [value.decode("latin-1") for name, value in scope["headers"] if name == b"x-forwarded-for"]
        # each proxy adds at the end; what stands before the last one that is not ours may be made up
        for address in reversed(",".join(told).split(",")):
            if address.strip() and not self._is_trusted(address.strip()):
                return _household(address.strip())
        return _household(peer)

    def _is_trusted(self, text: str) -> bool:
        try:
            address = ip_address(text)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _household(text: str) -> str:
    try:
        address = ip_address(text)
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((address, _IPV6_HOME), strict=False))
