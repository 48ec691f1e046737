//go:build linux

package main

// measurement is one thing worth knowing, and how it is measured.
type measurement struct {
	name, about string
	take        func(*bench) ([]figure, error)
}

// measurements in the order of the report. Those that need no hosts come first.
var measurements = []measurement{
	{"helper", "the remote helper, compressed", helperSizes},
	{"fleet", "one play of `debug`, no connections", fleet},
	{"listing", "10,000 hosts in 1,000 groups", listing},
	{"modules", "single tasks on one host", modules},
	{"stand", "nginx, haproxy and keepalived on 4 hosts", stand},
	// Last: it needs much memory itself, and the kernel counts that as the peak of what is started afterwards.
	{"storage", "the storage over HTTP, 64 connections", storage},
}
