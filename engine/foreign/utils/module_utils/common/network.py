# goplay's own helpers for modules: addresses.
import re
from struct import pack
from socket import inet_ntoa

VALID_MASKS = [2 ** 8 - 2 ** i for i in range(0, 9)]


def is_netmask(val):
    parts = str(val).split('.')
    if len(parts) != 4:
        return False
    for part in parts:
        try:
            if int(part) not in VALID_MASKS:
                raise ValueError
        except ValueError:
            return False
    return True


def is_masklen(val):
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_netmask(val):
    if not is_masklen(val):
        raise ValueError('invalid value for masklen')
    return inet_ntoa(pack('>I', (0xffffffff << (32 - int(val))) & 0xffffffff))


def to_bits(val):
    return ''.join(bin(int(part))[2:].zfill(8) for part in str(val).split('.'))


def to_masklen(val):
    if not is_netmask(val):
        raise ValueError('invalid value for netmask: %s' % val)
    return to_bits(val).count('1')


def to_subnet(addr, mask, dotted_notation=False):
    try:
        cidr = to_masklen(mask) if not is_masklen(mask) else int(mask)
    except ValueError:
        raise ValueError('invalid value for netmask: %s' % mask)
    net = [int(a) & int(m) for a, m in zip(addr.split('.'), to_netmask(cidr).split('.'))]
    address = '.'.join(str(n) for n in net)
    return '%s %s' % (address, to_netmask(cidr)) if dotted_notation else '%s/%s' % (address, cidr)


def _ipv6_cut(addr, groups):
    head, sep, tail = addr.partition('::')
    parts = [g for g in head.split(':') if g]
    if sep:
        rest = [g for g in tail.split(':') if g]
        parts += ['0'] * (8 - len(parts) - len(rest)) + rest
    parts = parts[:groups]
    while parts and set(parts[-1]) == {'0'}:
        parts.pop()
    out = ':'.join(parts)
    return out + '::'


def to_ipv6_subnet(addr):
    return _ipv6_cut(addr, 4)


def to_ipv6_network(addr):
    return _ipv6_cut(addr, 3)


def is_mac(mac_address):
    return bool(re.match('[0-9a-f]{2}([-:])[0-9a-f]{2}(\\1[0-9a-f]{2}){4}$', mac_address.lower()))
