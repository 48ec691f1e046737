package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"os"
	"os/signal"
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/coreos/go-systemd/v22/daemon"

	"github.com/goplay-engine/goplay/cmd/storage/internal/kv"
	"github.com/goplay-engine/goplay/cmd/storage/internal/web"
)

const serveHelp = `storage serve offers a storage over HTTP. The page at / describes the interface,
/openapi.json describes it for programs, /healthz and /metrics are for those who
look after it. There is no authentication: let it listen where only those reach it
who may read and add values.

Values that arrive at the same time are written together. An answer of 201 means
that the value is on the disk. Other processes may use the file meanwhile.

Options:
`

const serveEnd = `
SIGTERM or SIGINT: answer what has been asked, then end. The log, on standard
error, is one JSON object a line.
`

// grace is how long requests under way may take after SIGTERM.
const grace = 20 * time.Second

// commitWait is shorter than a client waits for an answer.
const commitWait = 10 * time.Second

func serve(args []string, stdout, stderr io.Writer) error {
	flags := newFlags("storage serve")
	listen := flags.String("listen", "127.0.0.1:8082", "the `ADDRESS` to listen on, HOST:PORT; port 0 takes a free one")
	path := fileFlag(flags)
	limit := flags.String("max-file", "256MiB", "how long the file may grow, as a `SIZE` like 500KiB or 1GiB; 0 for no limit")
	body := flags.String("max-body", "1MiB", "how long the body of a request may be, as a `SIZE`")
	follow := flags.String("follow", "", "be a standby: keep a copy of the server at this `URL`, answer reads, add nothing")
	access := flags.Bool("access-log", true, "log requests, except health checks and the like that went well")
	help := flags.BoolP("help", "h", false, "show this help")
	if err := flags.Parse(args); err != nil {
		return wrongFlag(flags, err)
	}
	if *help {
		return printOut(stdout, serveHelp+flags.FlagUsages()+serveEnd)
	}
	if flags.NArg() > 0 {
		return usageError(fmt.Sprintf("unexpected argument %q", flags.Arg(0)))
	}
	if *path == "" {
		return usageError("--file is empty")
	}
	log := slog.New(slog.NewJSONHandler(stderr, nil))
	opts := web.Options{File: kv.File{Path: *path, LockWait: commitWait}, AccessLog: *access, Log: log, Follow: *follow}
	var err error
	if opts.Limit, err = parseSize("max-file", *limit); err != nil {
		return err
	}
	if opts.BodyLimit, err = parseSize("max-body", *body); err != nil {
		return err
	}
	if opts.BodyLimit == 0 {
		return usageError("--max-body 0 would let nothing in")
	}

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, os.Interrupt)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the program at once
	}()
	server, err := web.New(ctx, opts)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", *listen)
	if err != nil {
		server.Close()
		return err
	}
	log.Info("listening", "address", l.Addr().String(), "file", *path, "follow", *follow)
	_, _ = daemon.SdNotify(false, daemon.SdNotifyReady) // where there is no systemd it does nothing
	if err := server.Serve(ctx, l, grace); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

var sizePattern = regexp.MustCompile(`^([0-9]{1,18})(|B|KiB|MiB|GiB)$`)

// parseSize reads a number of bytes.
func parseSize(flag, text string) (int64, error) {
	m := sizePattern.FindStringSubmatch(text)
	if m == nil {
		return 0, usageError(fmt.Sprintf("--%s %q is no size like 500KiB, 1MiB or 1GiB", flag, text))
	}
	n, err := strconv.ParseInt(m[1], 10, 64)
	unit := map[string]int64{"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}[m[2]]
	if err != nil || n > math.MaxInt64/unit {
		return 0, usageError(fmt.Sprintf("--%s %q is too large", flag, text))
	}
	return n * unit, nil
}
