package connect

import (
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// lossyProxy stands between controller and host: it can delay, swallow and cut.
type lossyProxy struct {
	port   int
	delay  atomic.Int64 // each way
	hang   atomic.Bool
	mu     sync.Mutex
	conns  []net.Conn
	dials  atomic.Int32
	bytesC atomic.Int64 // from the controller
	bytesH atomic.Int64
	// Round trips, counted by what can follow from what: data from the
	// controller belongs to the trip after the last whose answer reached it,
	// data from the host to the last trip whose request reached that.
	atController, atHost atomic.Int64
}

// reached raises a counter of trips.
func reached(n *atomic.Int64, trip int64) {
	for {
		old := n.Load()
		if trip <= old || n.CompareAndSwap(old, trip) {
			return
		}
	}
}

func newProxy(t *testing.T, to string) *lossyProxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &lossyProxy{}
	fmt.Sscan(l.Addr().String()[len("127.0.0.1:"):], &p.port)
	t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			h, err := net.Dial("tcp", "127.0.0.1:"+to)
			if err != nil {
				c.Close()
				continue
			}
			p.dials.Add(1)
			p.mu.Lock()
			p.conns = append(p.conns, c, h)
			p.mu.Unlock()
			go p.pump(h, c, &p.bytesC)
			go p.pump(c, h, &p.bytesH)
		}
	}()
	return p
}

type delayed struct {
	b    []byte
	at   time.Time
	trip int64
}

func (p *lossyProxy) pump(dst, src net.Conn, n *atomic.Int64) {
	q := make(chan delayed, 4096)
	go func() {
		for d := range q {
			time.Sleep(time.Until(d.at))
			if p.hang.Load() {
				continue
			}
			if n == &p.bytesC {
				reached(&p.atHost, d.trip)
			} else {
				reached(&p.atController, d.trip)
			}
			dst.Write(d.b)
		}
		dst.Close()
	}()
	defer close(q)
	for {
		b := make([]byte, 32<<10)
		k, err := src.Read(b)
		if k > 0 {
			n.Add(int64(k))
			trip := p.atHost.Load()
			if n == &p.bytesC {
				trip = p.atController.Load() + 1
			}
			q <- delayed{b[:k], time.Now().Add(time.Duration(p.delay.Load())), trip}
		}
		if err != nil {
			return
		}
	}
}

func (p *lossyProxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, c := range p.conns {
		c.Close()
	}
	p.conns = nil
}
