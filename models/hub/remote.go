package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
)

// Bounds on what a server may say.
const (
	mostListing = 64 << 20 // bytes of a repository's description
	mostFiles   = 100_000
)

// repository is what a server says of one.
type repository struct {
	commit string
	files  []string
}

var commitPattern = regexp.MustCompile(`^[0-9a-f]{40,64}$`)

// lookUp asks for the commit and the files of a repository.
func (h *Hub) lookUp(ctx context.Context, r Ref) (*repository, error) {
	address := fmt.Sprintf("%s/api/models/%s/revision/%s", h.Endpoint, r.repository(), url.PathEscape(r.Revision))
	var said struct {
		SHA      string `json:"sha"`
		Siblings []struct {
			Name string `json:"rfilename"`
		} `json:"siblings"`
	}
	err := h.retry(ctx, func() (bool, error) {
		resp, err := h.do(ctx, http.MethodGet, address, nil)
		if err != nil {
			return false, err
		}
		defer resp.Body.Close()
		data, err := io.ReadAll(io.LimitReader(resp.Body, mostListing))
		if err != nil {
			return false, err
		}
		if err := json.Unmarshal(data, &said); err != nil {
			return false, &permanentError{fmt.Errorf("%s: the server's answer is no description of a repository: %w", address, err)}
		}
		return false, nil
	})
	if err != nil {
		return nil, fmt.Errorf("hub: %s: %w", r, err)
	}
	if !commitPattern.MatchString(said.SHA) || len(said.Siblings) > mostFiles {
		return nil, fmt.Errorf("hub: %s: the server gives the commit %.80q and %d files", r, said.SHA, len(said.Siblings))
	}
	repo := &repository{commit: said.SHA}
	for _, s := range said.Siblings {
		if !validFile(s.Name) {
			return nil, fmt.Errorf("hub: %s: the server names a file %.80q, which is none below a folder", r, s.Name)
		}
		repo.files = append(repo.files, s.Name)
	}
	return repo, nil
}

// description is what a server says of a file.
type description struct {
	etag string
	size int64 // -1 where it does not say
}

var etagPattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,128}$`)

// describe asks for a file's checksum and size.
func (h *Hub) describe(ctx context.Context, address string) (d description, err error) {
	err = h.retry(ctx, func() (bool, error) {
		// what the first answer says, and not that of a server it points to
		resp, err := h.doWith(ctx, h.noRedirect(), http.MethodHead, address, nil)
		if err != nil {
			return false, err
		}
		resp.Body.Close()
		d, err = newDescription(resp.Header, resp.ContentLength)
		return false, err
	})
	return d, err
}

// newDescription reads an answer's headers: those of large files, which are elsewhere,
// come first.
func newDescription(header http.Header, length int64) (description, error) {
	d := description{size: length}
	d.etag = header.Get("X-Linked-Etag")
	if d.etag == "" {
		d.etag = header.Get("Etag")
	}
	d.etag = strings.Trim(strings.TrimPrefix(d.etag, "W/"), `"`)
	if !etagPattern.MatchString(d.etag) || !validFile(d.etag) {
		return d, &permanentError{fmt.Errorf("the server gives the file no usable ETag (%.80q): it cannot be checked", d.etag)}
	}
	if s := header.Get("X-Linked-Size"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 0 {
			return d, &permanentError{fmt.Errorf("the server gives the file the size %.40q", s)}
		}
		d.size = n
	}
	return d, nil
}

// noRedirect is the client without following to other hosts.
func (h *Hub) noRedirect() *http.Client {
	c := *h.Client
	c.CheckRedirect = func(req *http.Request, via []*http.Request) error {
		if req.URL.Host != via[0].URL.Host || len(via) > 5 {
			return http.ErrUseLastResponse
		}
		return nil
	}
	return &c
}

func (h *Hub) do(ctx context.Context, method, address string, header http.Header) (*http.Response, error) {
	return h.doWith(ctx, h.Client, method, address, header)
}

// doWith makes a request. Answers that are no success are errors; those that will not
// change are permanent.
func (h *Hub) doWith(ctx context.Context, client *http.Client, method, address string, header http.Header) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, &permanentError{err}
	}
	maps.Copy(req.Header, header)
	req.Header.Set("User-Agent", "infer")
	req.Header.Set("Accept-Encoding", "identity") // lengths are those of the file
	if h.Token != "" && strings.HasPrefix(address, h.Endpoint+"/") {
		req.Header.Set("Authorization", "Bearer "+h.Token) // Go drops it on the way to another host
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	if resp.StatusCode < 400 {
		return resp, nil
	}
	resp.Body.Close()
	err = &StatusError{Address: address, Code: resp.StatusCode}
	if resp.StatusCode < 500 && resp.StatusCode != http.StatusTooManyRequests && resp.StatusCode != http.StatusRequestTimeout {
		err = &permanentError{err}
	}
	return nil, err
}

// StatusError is an answer of a server that is no success.
type StatusError struct {
	Address string
	Code    int
}

// Error is one line.
func (e *StatusError) Error() string {
	why := ""
	switch e.Code {
	case http.StatusUnauthorized, http.StatusForbidden:
		why = ": it is not there, or wants a user's token (" + EnvToken + ")"
	case http.StatusNotFound:
		why = ": there is no such repository, revision or file"
	}
	return fmt.Sprintf("%s: the server answers %d %s%s", e.Address, e.Code, http.StatusText(e.Code), why)
}

// permanentError is an error that trying again does not mend.
type permanentError struct{ err error }

func (e *permanentError) Error() string { return e.err.Error() }
func (e *permanentError) Unwrap() error { return e.err }
