package pki

import (
	"encoding/asn1"
	"fmt"
	"sort"
	"strings"
)

// keyUsages in the order of their bits.
var keyUsages = []struct{ short, long string }{
	{"digitalSignature", "Digital Signature"},
	{"nonRepudiation", "Non Repudiation"},
	{"keyEncipherment", "Key Encipherment"},
	{"dataEncipherment", "Data Encipherment"},
	{"keyAgreement", "Key Agreement"},
	{"keyCertSign", "Certificate Sign"},
	{"cRLSign", "CRL Sign"},
	{"encipherOnly", "Encipher Only"},
	{"decipherOnly", "Decipher Only"},
}

func keyUsageBit(name string) (int, error) {
	for i, u := range keyUsages {
		if name == u.short || name == u.long || i == 1 && (name == "contentCommitment" || name == "Content Commitment") {
			return i, nil
		}
	}
	return 0, fmt.Errorf("Unknown key usage \"%s\"", name)
}

// keyUsageDER is the shortest bit string that holds the usages.
func keyUsageDER(names []string) ([]byte, error) {
	var bits [2]byte
	last := 0
	for _, n := range names {
		i, err := keyUsageBit(n)
		if err != nil {
			return nil, err
		}
		bits[i/8] |= 0x80 >> (i % 8)
		last = max(last, i)
	}
	return asn1.Marshal(asn1.BitString{Bytes: bits[:last/8+1], BitLength: last + 1})
}

func keyUsageNames(der []byte) ([]string, error) {
	var b asn1.BitString
	if _, err := asn1.Unmarshal(der, &b); err != nil {
		return nil, err
	}
	out := []string{}
	for i, u := range keyUsages {
		if b.At(i) == 1 {
			out = append(out, u.long)
		}
	}
	sort.Strings(out)
	return out, nil
}

// extUsages are purposes by identifier: the name by which they are shown, then
// the short one.
var extUsages = []struct{ oid, long, short string }{
	{"1.3.6.1.5.5.7.3.1", "TLS Web Server Authentication", "serverAuth"},
	{"1.3.6.1.5.5.7.3.2", "TLS Web Client Authentication", "clientAuth"},
	{"1.3.6.1.5.5.7.3.3", "Code Signing", "codeSigning"},
	{"1.3.6.1.5.5.7.3.4", "E-mail Protection", "emailProtection"},
	{"1.3.6.1.5.5.7.3.5", "IPSec End System", "ipsecEndSystem"},
	{"1.3.6.1.5.5.7.3.6", "IPSec Tunnel", "ipsecTunnel"},
	{"1.3.6.1.5.5.7.3.7", "IPSec User", "ipsecUser"},
	{"1.3.6.1.5.5.7.3.8", "Time Stamping", "timeStamping"},
	{"1.3.6.1.5.5.7.3.9", "OCSP Signing", "OCSPSigning"},
	{"1.3.6.1.5.5.7.3.10", "dvcs", "DVCS"},
	{"1.3.6.1.5.5.7.3.17", "ipsec Internet Key Exchange", "ipsecIKE"},
	{"1.3.6.1.5.5.7.3.21", "SSH Client", "secureShellClient"},
	{"1.3.6.1.5.5.7.3.22", "SSH Server", "secureShellServer"},
	{"1.3.6.1.5.5.7.1.2", "Biometric Info", "biometricInfo"},
	{"2.5.29.37.0", "Any Extended Key Usage", "anyExtendedKeyUsage"},
	{"1.3.6.1.4.1.311.2.1.21", "Microsoft Individual Code Signing", "msCodeInd"},
	{"1.3.6.1.4.1.311.2.1.22", "Microsoft Commercial Code Signing", "msCodeCom"},
	{"1.3.6.1.4.1.311.10.3.1", "Microsoft Trust List Signing", "msCTLSign"},
	{"1.3.6.1.4.1.311.10.3.3", "Microsoft Server Gated Crypto", "msSGC"},
	{"1.3.6.1.4.1.311.10.3.4", "Microsoft Encrypted File System", "msEFS"},
	{"1.3.6.1.4.1.311.20.2.2", "Microsoft Smartcard Login", "msSmartcardLogin"},
	{"2.16.840.1.113730.4.1", "Netscape Server Gated Crypto", "nsSGC"},
	{"1.3.6.1.5.2.3.4", "PKINIT Client Auth", "pkInitClientAuth"},
	{"1.3.6.1.5.2.3.5", "Signing KDC Response", "pkInitKDC"},
}

func extUsageOID(name string) (asn1.ObjectIdentifier, error) {
	for _, u := range extUsages {
		if strings.EqualFold(name, u.short) || strings.EqualFold(name, u.long) {
			return parseOID(u.oid)
		}
	}
	if oid, err := parseOID(name); err == nil {
		return oid, nil
	}
	return nil, fmt.Errorf("Cannot find OID for \"%s\"", name)
}

func extUsageDER(names []string) ([]byte, error) {
	var oids []asn1.ObjectIdentifier
	for _, n := range names {
		oid, err := extUsageOID(n)
		if err != nil {
			return nil, err
		}
		oids = append(oids, oid)
	}
	return asn1.Marshal(oids)
}

func extUsageNames(der []byte) ([]string, error) {
	var oids []asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(der, &oids); err != nil {
		return nil, err
	}
	out := []string{}
	for _, o := range oids {
		name := o.String()
		for _, u := range extUsages {
			if u.oid == name {
				name = u.long
				break
			}
		}
		out = append(out, name)
	}
	sort.Strings(out)
	return out, nil
}
