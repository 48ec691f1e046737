package module

import (
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"math/big"
	"strconv"

	"github.com/goplay-engine/goplay/engine/value"
)

type dhparamArgs struct {
	Backup        bool   `arg:"backup,default=false" doc:"Keep a copy of the parameters as they were."`
	Force         bool   `arg:"force,default=false" doc:"Make new parameters even if there are some."`
	Path          Path   `arg:"path,required" doc:"File of the parameters."`
	ReturnContent bool   `arg:"return_content,default=false" doc:"Return the parameters as dhparams."`
	Backend       string `arg:"select_crypto_backend,default=auto,choices=auto|cryptography|openssl" doc:"Has no effect: the openssl program is used."`
	Size          int    `arg:"size,default=4096" doc:"Size of the prime, in bits."`
	State         string `arg:"state,default=present,choices=absent|present" doc:"Whether the parameters are there."`
	FileArgs
}

// dhparamDef has openssl search for the prime: it takes minutes as it is, and Go's
// numbers are slower.
var dhparamDef = &Def{
	Name:     "community.crypto.openssl_dhparam",
	Short:    "Generate OpenSSL Diffie-Hellman Parameters",
	Args:     func() any { return &dhparamArgs{} },
	FileArgs: true,
	Run:      plainly(opensslDHParam),
}

func opensslDHParam(c *Context, p *dhparamArgs) (*Result, error) {
	f := &pkiFile{c: c, path: string(p.Path), backup: p.Backup, attrs: &p.FileArgs}
	if err := f.open(); err != nil {
		return nil, err
	}
	r := OK().Set("filename", f.path).Set("size", p.Size)
	if p.State == "absent" {
		return r, f.remove(r)
	}
	var data []byte
	if p.Force || dhSize(f.old) != p.Size {
		data = []byte{}
		if !c.Check {
			out, err := c.tool("openssl", "dhparam", strconv.Itoa(p.Size))
			if err != nil {
				return nil, err
			}
			data = []byte(out.Stdout)
			if dhSize(data) != p.Size {
				return nil, Errorf(fmt.Sprintf("openssl did not answer with parameters of %d bits", p.Size))
			}
		}
	}
	if err := f.write(r, data); err != nil {
		return nil, err
	}
	if p.ReturnContent {
		r.Set("dhparams", textOrNil(f.old))
		if len(data) > 0 {
			r.Set("dhparams", string(data))
		}
	}
	return r, nil
}

func textOrNil(b []byte) value.Value {
	if b == nil {
		return nil
	}
	return string(b)
}

// dhSize is the size of the prime in bits, 0 for what is no such file.
func dhSize(data []byte) int {
	block, _ := pem.Decode(data)
	if block == nil || block.Type != "DH PARAMETERS" {
		return 0
	}
	var params struct {
		P, G *big.Int
		Q    int `asn1:"optional"`
	}
	if _, err := asn1.Unmarshal(block.Bytes, &params); err != nil {
		return 0
	}
	return params.P.BitLen()
}
