package keep

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"net"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
)

// passChannel opens a channel on the host's connection and passes on what goes
// over it, both ways.
func passChannel(c net.Conn, w *writer, host *ssh.Client, r Request) {
	ch, reqs, err := host.OpenChannel(r.Type, r.Extra)
	if err != nil {
		var refused *ssh.OpenChannelError
		if errors.As(err, &refused) {
			_ = w.frame(kindNo, []byte(refused.Message))
		}
		return
	}
	if w.frame(kindOK, nil) != nil {
		ch.Close()
		return
	}
	orders := make(chan order, 4)
	go func() {
		defer ch.Close()
		for o := range orders {
			o.carryOut(ch, w)
		}
	}()
	go func() {
		if !readOrders(c, orders) {
			// The host has not read what it was sent: whoever does that is told to end.
			_, _ = ch.SendRequest("signal", false, ssh.Marshal(struct{ Name string }{"TERM"}))
			ch.Close()
		}
		close(orders)
	}()
	fromHost(ch, reqs, w)
}

// fromHost passes on what the host sends until it closes the channel.
func fromHost(ch ssh.Channel, reqs <-chan *ssh.Request, w *writer) {
	var wg sync.WaitGroup
	pass := func(kind byte, r io.Reader) {
		defer wg.Done()
		buf := make([]byte, chunk)
		for {
			n, err := r.Read(buf)
			if n > 0 {
				if w.frame(kind, buf[:n]) != nil {
					ch.Close()
					return
				}
			}
			if err != nil {
				return
			}
		}
	}
	wg.Add(2)
	go pass(kindData, ch)
	go pass(kindStderr, ch.Stderr())
	go func() {
		wg.Wait()
		_ = w.frame(kindEOF, nil)
	}()
	for r := range reqs {
		_ = w.json(kindMessage, message{Name: r.Type, Payload: r.Payload})
		if r.WantReply {
			_ = r.Reply(false, nil)
		}
	}
	wg.Wait()
}

// order is something a run wants done on a channel.
type order struct {
	kind byte
	p    []byte
}

func (o order) carryOut(ch ssh.Channel, w *writer) {
	switch o.kind {
	case kindData:
		_, _ = ch.Write(o.p)
	case kindStderr:
		_, _ = ch.Stderr().Write(o.p)
	case kindEOF:
		_ = ch.CloseWrite()
	case kindMessage:
		var m message
		if json.Unmarshal(o.p, &m) != nil {
			return
		}
		ok, _ := ch.SendRequest(m.Name, m.Want, m.Payload)
		if m.Want {
			_ = w.frame(kindAck, yesNo(ok))
		}
	}
}

// readOrders reads what a run wants until it lets go; false when it did so while
// orders could not be carried out.
func readOrders(c net.Conn, orders chan<- order) bool {
	r := bufio.NewReaderSize(c, 64<<10)
	for {
		kind, p, err := readFrame(r, nil)
		if err != nil {
			return true
		}
		for sent := false; !sent; {
			select {
			case orders <- order{kind, p}:
				sent = true
			case <-time.After(200 * time.Millisecond):
				if hungUp(c) {
					return false
				}
			}
		}
	}
}
