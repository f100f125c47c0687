package hub

import (
	"context"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// ErrChecksum says that what a server sent is not what it said it would.
var ErrChecksum = errors.New("hub: wrong checksum")

// retry calls f until there is no error, the error is permanent, or it was called
// Attempts times without progress, which f reports.
func (h *Hub) retry(ctx context.Context, f func() (progress bool, err error)) error {
	wait := h.Wait
	for failed := 0; ; {
		progress, err := f()
		if err == nil {
			return nil
		}
		if progress {
			failed, wait = 0, h.Wait
		}
		failed++
		if permanent := new(permanentError); errors.As(err, &permanent) || ctx.Err() != nil || failed >= h.Attempts {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
		wait *= 2
	}
}

// pullFile fetches a file of a repository and links it into the snapshot.
func (h *Hub) pullFile(ctx context.Context, r Ref, commit, file string) error {
	link := filepath.Join(h.snapshot(r, commit), filepath.FromSlash(file))
	if _, err := os.Stat(link); err == nil {
		return nil // a commit does not change
	}
	parts := strings.Split(file, "/")
	for i := range parts {
		parts[i] = url.PathEscape(parts[i])
	}
	address := fmt.Sprintf("%s/%s/resolve/%s/%s", h.Endpoint, r.repository(), commit, strings.Join(parts, "/"))
	d, err := h.describe(ctx, address)
	if err != nil {
		return err
	}
	blob := filepath.Join(h.repositoryDir(r), "blobs", d.etag)
	if err := h.fetch(ctx, address, blob, file, d, gitOrSHA256(d.etag)); err != nil {
		return err
	}
	return linkFile(blob, link)
}

// pullURL fetches a file that is in no repository.
func (h *Hub) pullURL(ctx context.Context, r Ref) (string, error) {
	path := h.urlPath(r)
	if _, err := os.Stat(path); err == nil {
		return path, nil
	}
	check := func(string, int64) (hash.Hash, string) { return sha256.New(), r.SHA256 }
	if err := h.fetch(ctx, r.URL, path, r.File, description{size: -1}, check); err != nil {
		return "", fmt.Errorf("hub: %s: %w", r, err)
	}
	return path, nil
}

// urlPath is where the file of a URL is kept: under a folder of the address's own.
func (h *Hub) urlPath(r Ref) string {
	sum := sha256.Sum256([]byte(r.String()))
	return filepath.Join(h.Cache, "urls", hex.EncodeToString(sum[:16]), r.File)
}

// check returns the hash of a file at path of that size, ready for its bytes, and the
// sum that it must have; "" where it may have any.
type check func(path string, size int64) (hash.Hash, string)

// gitOrSHA256 checks a file by its ETag: the SHA-256 of a large file, git's SHA-1 of a
// small one. Other tags say nothing of the bytes.
func gitOrSHA256(etag string) check {
	return func(_ string, size int64) (hash.Hash, string) {
		switch len(etag) {
		case 2 * sha256.Size:
			return sha256.New(), strings.ToLower(etag)
		case 2 * sha1.Size:
			s := sha1.New()
			fmt.Fprintf(s, "blob %d\x00", size)
			return s, strings.ToLower(etag)
		}
		return sha256.New(), ""
	}
}

// suffix is that of files that are not whole yet.
const suffix = ".incomplete"

// fetch brings the file at address to path. It goes on with what an earlier call left
// off, and leaves nothing at path that is not whole and right.
func (h *Hub) fetch(ctx context.Context, address, path, name string, d description, sum check) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	partial := path + suffix
	f, err := os.OpenFile(partial, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	unlock, err := lock(ctx, f)
	if err != nil {
		return err
	}
	defer unlock()
	if _, err := os.Stat(path); err == nil { // another process was faster
		return errors.Join(os.Remove(partial))
	}
	t := &transfer{h: h, address: address, name: name, file: f, d: d}
	err = t.whole(ctx, path, sum)
	if errors.Is(err, ErrChecksum) && t.resumed { // what an earlier call left may have been wrong
		if err = t.restart(); err == nil {
			t.resumed = false
			err = t.whole(ctx, path, sum)
		}
	}
	if err != nil {
		if info, e := f.Stat(); e != nil || info.Size() == 0 || errors.Is(err, ErrChecksum) {
			err = errors.Join(err, os.Remove(partial))
		}
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return os.Rename(partial, path)
}

// transfer is a file on its way.
type transfer struct {
	h             *Hub
	address, name string
	file          *os.File
	d             description
	resumed       bool // some of the bytes were there before
}

// whole takes the file and compares it with its checksum.
func (t *transfer) whole(ctx context.Context, path string, sum check) error {
	info, err := t.file.Stat()
	if err != nil {
		return err
	}
	t.resumed = info.Size() > 0
	if err := t.h.retry(ctx, func() (bool, error) { return t.some(ctx) }); err != nil {
		return err
	}
	return t.verify(path, sum)
}

// some takes what a server sends from where the file ends. There is progress where it is
// longer than before.
func (t *transfer) some(ctx context.Context) (progress bool, err error) {
	at, err := t.file.Seek(0, io.SeekEnd)
	if err != nil {
		return false, &permanentError{err}
	}
	if t.d.size >= 0 && at > t.d.size { // of another file
		at = 0
		if err := t.restart(); err != nil {
			return false, err
		}
	}
	if at == t.d.size && at > 0 {
		return false, nil
	}
	header := http.Header{}
	if at > 0 {
		header.Set("Range", fmt.Sprintf("bytes=%d-", at))
	}
	resp, err := t.h.do(ctx, http.MethodGet, t.address, header)
	if status := new(StatusError); errors.As(err, &status) && status.Code == http.StatusRequestedRangeNotSatisfiable && at > 0 {
		return false, t.beginAgain(fmt.Errorf("the server has nothing behind byte %d", at))
	}
	if err != nil {
		return false, err
	}
	defer resp.Body.Close()
	total, err := t.agree(resp, at)
	if err != nil {
		return false, err
	}
	if resp.StatusCode != http.StatusPartialContent {
		at = 0
	}
	body := io.Reader(resp.Body)
	if total >= 0 {
		body = io.LimitReader(body, total-at+1) // one more, to notice it
	}
	n, err := io.Copy(&meter{t: t, done: at, total: total}, body)
	switch {
	case err != nil:
		return n > 0, err
	case total >= 0 && at+n > total:
		return false, t.beginAgain(fmt.Errorf("the server sends more than the %d bytes that it promised", total))
	case total >= 0 && at+n < total:
		return n > 0, fmt.Errorf("the connection ended after %d of %d bytes: %w", at+n, total, io.ErrUnexpectedEOF)
	}
	t.d.size = at + n
	return true, nil
}

// agree compares an answer with what is known of the file, and makes the file ready for
// its bytes. It returns the length of the whole; -1 where it is not known.
func (t *transfer) agree(resp *http.Response, at int64) (total int64, err error) {
	total = resp.ContentLength
	if resp.StatusCode == http.StatusPartialContent {
		from, all, ok := parseRange(resp.Header.Get("Content-Range"))
		if !ok || from != at {
			return 0, t.beginAgain(fmt.Errorf("the server sends the range %.60q, expected one from %d", resp.Header.Get("Content-Range"), at))
		}
		total = all
	} else if at > 0 {
		if err := t.restart(); err != nil {
			return 0, err
		}
	}
	if t.d.size >= 0 && total >= 0 && total != t.d.size {
		return 0, &permanentError{fmt.Errorf("the server promises %d bytes, and said before that the file has %d", total, t.d.size)}
	}
	if total < 0 {
		total = t.d.size
	}
	return total, nil
}

// parseRange reads a Content-Range: bytes FROM-TO/ALL, where ALL may be *.
func parseRange(s string) (from, all int64, ok bool) {
	s, ok = strings.CutPrefix(s, "bytes ")
	span, size, ok2 := strings.Cut(s, "/")
	first, _, ok3 := strings.Cut(span, "-")
	from, err := strconv.ParseInt(first, 10, 64)
	if !ok || !ok2 || !ok3 || err != nil || from < 0 {
		return 0, 0, false
	}
	if size == "*" {
		return from, -1, true
	}
	all, err = strconv.ParseInt(size, 10, 64)
	return from, all, err == nil && all >= from
}

// restart forgets the bytes that are there.
func (t *transfer) restart() error {
	err := t.file.Truncate(0)
	if _, e := t.file.Seek(0, io.SeekStart); err == nil {
		err = e
	}
	if err != nil {
		return &permanentError{err}
	}
	return nil
}

// beginAgain forgets the bytes that are there, and returns why.
func (t *transfer) beginAgain(why error) error { return errors.Join(why, t.restart()) }

// verify reads the whole file again and compares.
func (t *transfer) verify(path string, sum check) error {
	size, err := t.file.Seek(0, io.SeekEnd)
	if err != nil {
		return err
	}
	if t.d.size >= 0 && size != t.d.size {
		return fmt.Errorf("%d bytes came, expected %d", size, t.d.size)
	}
	digest, want := sum(path, size)
	if _, err := t.file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	if _, err := io.Copy(digest, t.file); err != nil {
		return err
	}
	if got := hex.EncodeToString(digest.Sum(nil)); want != "" && got != want {
		return fmt.Errorf("%w: the bytes that came have %s, expected %s: nothing of them is kept", ErrChecksum, got, want)
	}
	return nil
}

// meter writes to the file and tells how far it is.
type meter struct {
	t           *transfer
	done, total int64
}

// Write adds to the file.
func (m *meter) Write(p []byte) (int, error) {
	n, err := m.t.file.Write(p)
	if err != nil {
		return n, &permanentError{err}
	}
	m.done += int64(n)
	if m.t.h.Progress != nil {
		m.t.h.Progress(m.t.name, m.done, m.total)
	}
	return n, nil
}

// linkFile makes link a relative link to blob or, where the system has no links, a copy.
func linkFile(blob, link string) error {
	if err := os.MkdirAll(filepath.Dir(link), 0o755); err != nil {
		return err
	}
	target, err := filepath.Rel(filepath.Dir(link), blob)
	if err != nil {
		return err
	}
	temporary := link + suffix
	if err := os.Remove(temporary); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Symlink(target, temporary); err != nil {
		if err := copyFile(blob, temporary); err != nil {
			return err
		}
	}
	return os.Rename(temporary, link)
}

func copyFile(from, to string) (err error) {
	src, err := os.Open(from)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, dst.Close()) }()
	_, err = io.Copy(dst, src)
	return err
}
