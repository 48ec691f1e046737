package connect

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/goplay-engine/goplay/engine/remote/helper"
)

// uploadByCommand writes a helper build with cat, for hosts without SFTP.
func uploadByCommand(ctx context.Context, t transport, dir, name string, b *helper.Build) error {
	script := fmt.Sprintf(`f=%s; t="$f.new.$$"; if (set -C; cat >"$t") && [ "$(wc -c <"$t")" -eq %d ] && chmod 755 "$t" && mv -f "$t" "$f"; then echo GOPLAY-OK; else rm -f "$t"; fi`,
		quote(dir+"/"+name), b.Size)
	p, err := t.start(ctx, "/bin/sh -c "+quote(script), false)
	if err != nil {
		return err
	}
	return feed(ctx, p, b)
}

// feed sends a build into a command that says GOPLAY-OK when all is well.
func feed(ctx context.Context, p *process, b *helper.Build) error {
	stop := context.AfterFunc(ctx, p.kill)
	defer stop()
	src, err := b.Open()
	if err != nil {
		p.kill()
		return err
	}
	defer src.Close()
	go func() {
		io.Copy(p.in, src)
		p.in.Close()
	}()
	var out []byte
	if p.try(func() { out, _ = io.ReadAll(io.LimitReader(p.out, 64<<10)) }) {
		p.wait()
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if !strings.Contains(string(out), "GOPLAY-OK") {
		return fmt.Errorf("upload failed: %s", strings.TrimSpace(p.stderr.String()))
	}
	return nil
}
