//go:build unix && !linux

package keep

func secretive() {}
