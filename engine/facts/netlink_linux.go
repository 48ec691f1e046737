package facts

import (
	"encoding/binary"
	"net/netip"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// address is one address of an interface, as the kernel lists it.
type address struct {
	family    uint8
	prefix    int
	scope     uint8
	flags     uint32
	index     int32
	ip        netip.Addr
	broadcast netip.Addr
	label     string
}

// route is the kernel's answer to "how is this address reached".
type route struct {
	ok          bool
	dev         int32
	src, via    netip.Addr
	unreachable bool
}

func addr(b []byte) netip.Addr {
	a, _ := netip.AddrFromSlice(b)
	return a
}

// rtAttrs walks the attributes behind a fixed header of n bytes.
func rtAttrs(b []byte, n int, yield func(kind uint16, v []byte)) {
	for b = b[min(n, len(b)):]; len(b) >= 4; {
		l, t := int(binary.NativeEndian.Uint16(b)), binary.NativeEndian.Uint16(b[2:])
		if l < 4 || l > len(b) {
			return
		}
		yield(t&^unix.NLA_F_NESTED, b[4:l])
		b = b[min((l+3)&^3, len(b)):]
	}
}

// ask sends one rtnetlink request and returns the payloads of the answer.
func ask(kind, flags uint16, body []byte) ([][]byte, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	tv := unix.NsecToTimeval(int64(time.Second))
	unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &tv)
	msg := make([]byte, 16, 16+len(body))
	binary.NativeEndian.PutUint32(msg, uint32(16+len(body)))
	binary.NativeEndian.PutUint16(msg[4:], kind)
	binary.NativeEndian.PutUint16(msg[6:], flags|unix.NLM_F_REQUEST)
	binary.NativeEndian.PutUint32(msg[8:], 1)
	if err := unix.Sendto(fd, append(msg, body...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	var out [][]byte
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return out, err
		}
		msgs, err := syscall.ParseNetlinkMessage(append([]byte(nil), buf[:n]...))
		if err != nil {
			return out, err
		}
		for _, m := range msgs {
			switch m.Header.Type {
			case unix.NLMSG_DONE:
				return out, nil
			case unix.NLMSG_ERROR:
				if e := int32(binary.NativeEndian.Uint32(m.Data)); e != 0 {
					return out, syscall.Errno(-e)
				}
				return out, nil
			}
			out = append(out, m.Data)
			if flags&unix.NLM_F_DUMP == 0 {
				return out, nil
			}
		}
	}
}

func addresses() []address {
	msgs, _ := ask(unix.RTM_GETADDR, unix.NLM_F_DUMP, make([]byte, 8))
	var out []address
	for _, m := range msgs {
		if len(m) < 8 {
			continue
		}
		a := address{family: m[0], prefix: int(m[1]), flags: uint32(m[2]), scope: m[3], index: int32(binary.NativeEndian.Uint32(m[4:]))}
		var local, peer netip.Addr
		rtAttrs(m, 8, func(t uint16, v []byte) {
			switch t {
			case unix.IFA_LOCAL:
				local = addr(v)
			case unix.IFA_ADDRESS:
				peer = addr(v)
			case unix.IFA_BROADCAST:
				a.broadcast = addr(v)
			case unix.IFA_LABEL:
				a.label = unix.ByteSliceToString(v)
			case unix.IFA_FLAGS:
				a.flags = binary.NativeEndian.Uint32(v)
			}
		})
		a.ip = local
		if !a.ip.IsValid() {
			a.ip = peer
		}
		out = append(out, a)
	}
	return out
}

// linkNames maps interface numbers to names, which also go for interfaces that
// /sys of another network namespace does not show.
func linkNames() map[int32]string {
	msgs, _ := ask(unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, 16))
	m := map[int32]string{}
	for _, b := range msgs {
		if len(b) < 16 {
			continue
		}
		idx := int32(binary.NativeEndian.Uint32(b[4:]))
		rtAttrs(b, 16, func(t uint16, v []byte) {
			if t == unix.IFLA_IFNAME {
				m[idx] = unix.ByteSliceToString(v)
			}
		})
	}
	return m
}

// routeTo asks which way the kernel would send to an address.
func routeTo(dst netip.Addr) route {
	family, raw := byte(unix.AF_INET), dst.AsSlice()
	if dst.Is6() {
		family = unix.AF_INET6
	}
	body := make([]byte, 12, 32)
	body[0], body[1] = family, byte(len(raw)*8)
	attr := make([]byte, 4)
	binary.NativeEndian.PutUint16(attr, uint16(4+len(raw)))
	binary.NativeEndian.PutUint16(attr[2:], unix.RTA_DST)
	msgs, err := ask(unix.RTM_GETROUTE, 0, append(append(body, attr...), raw...))
	if err != nil || len(msgs) == 0 || len(msgs[0]) < 12 {
		return route{}
	}
	r := route{ok: true, unreachable: msgs[0][7] != unix.RTN_UNICAST}
	rtAttrs(msgs[0], 12, func(t uint16, v []byte) {
		switch t {
		case unix.RTA_OIF:
			r.dev = int32(binary.NativeEndian.Uint32(v))
		case unix.RTA_PREFSRC:
			r.src = addr(v)
		case unix.RTA_GATEWAY:
			r.via = addr(v)
		}
	})
	return r
}

// localRoutes lists what the kernel takes for its own addresses.
func localRoutes(family byte) []netip.Prefix {
	body := make([]byte, 12)
	body[0] = family
	msgs, _ := ask(unix.RTM_GETROUTE, unix.NLM_F_DUMP, body)
	var out []netip.Prefix
	for _, m := range msgs {
		if len(m) < 12 || m[0] != family || m[7] != unix.RTN_LOCAL {
			continue
		}
		table := uint32(m[4])
		var dst netip.Addr
		rtAttrs(m, 12, func(t uint16, v []byte) {
			switch t {
			case unix.RTA_DST:
				dst = addr(v)
			case unix.RTA_TABLE:
				table = binary.NativeEndian.Uint32(v)
			}
		})
		if dst.IsValid() && table == unix.RT_TABLE_LOCAL {
			out = append(out, netip.PrefixFrom(dst, int(m[1])))
		}
	}
	return out
}
