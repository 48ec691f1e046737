package remote

import "context"

// Isolate returns a session that passes requests and answers through their
// wire form, so that an in-process session shares no values with its caller
// and behaves as a remote one does.
func Isolate(d *Direct) Session { return &isolated{d} }

type isolated struct{ *Direct }

// Do implements Session.
func (s *isolated) Do(ctx context.Context, req *Request) (*Response, error) {
	p, err := req.encode()
	if err != nil {
		return nil, err
	}
	if req, err = decodeRequest(p); err != nil {
		return nil, err
	}
	resp, err := s.Direct.Do(ctx, req)
	if err != nil {
		return nil, err
	}
	if p, err = resp.encode(); err != nil {
		return nil, err
	}
	return decodeResponse(p)
}
