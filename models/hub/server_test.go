package hub

import (
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

const commit = "0123456789abcdef0123456789abcdef01234567"

// server is a hub that can be told to misbehave.
type server struct {
	*httptest.Server
	files map[string][]byte

	mu       sync.Mutex
	requests []string // METHOD path [range]
	cuts     int      // this many answers end in the middle, with the connection
	wrong    bool     // the bytes are not those of the checksum
	length   int64    // said in HEAD, where it is not 0
	noRange  bool     // ranges are ignored
	rangeAt  int64    // ranges begin this much further on
	status   int      // of every answer, where it is not 0
	busy     int      // this many answers are 503
	names    []string // more files, of the listing
	away     string   // files are at this address, where it is set
	token    string   // that the last request had
}

func newServer(t *testing.T, files map[string][]byte) *server {
	t.Helper()
	s := &server{files: files}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	return s
}

func (s *server) hub(t *testing.T) *Hub {
	t.Helper()
	env := map[string]string{EnvCache: t.TempDir(), EnvEndpoint: s.URL + "/", EnvToken: "secret"}
	h := FromEnv(func(key string) string { return env[key] })
	h.Wait = time.Millisecond
	h.Attempts = 3
	return h
}

// tag is the ETag of a file: as of git for text, SHA-256 for the rest.
func tag(name string, data []byte) string {
	if strings.HasSuffix(name, ".json") {
		sum := sha1.Sum(append(fmt.Appendf(nil, "blob %d\x00", len(data)), data...))
		return hex.EncodeToString(sum[:])
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	s.token = r.Header.Get("Authorization")
	if s.busy > 0 {
		s.busy--
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if s.status != 0 {
		w.WriteHeader(s.status)
		return
	}
	if strings.HasPrefix(r.URL.Path, "/api/models/o/n/revision/") {
		s.list(w)
		return
	}
	name, ok := strings.CutPrefix(r.URL.Path, "/o/n/resolve/"+commit+"/")
	if !ok {
		name = strings.TrimPrefix(r.URL.Path, "/")
	}
	data, ok := s.files[name]
	if !ok {
		w.WriteHeader(http.StatusNotFound)
		return
	}
	s.file(w, r, name, data)
}

func (s *server) list(w http.ResponseWriter) {
	type sibling struct {
		Name string `json:"rfilename"`
	}
	var list []sibling
	for name := range s.files {
		list = append(list, sibling{name})
	}
	for _, name := range s.names {
		list = append(list, sibling{name})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"sha": commit, "siblings": list})
}

func (s *server) file(w http.ResponseWriter, r *http.Request, name string, data []byte) {
	w.Header().Set("X-Linked-Etag", `"`+tag(name, data)+`"`)
	w.Header().Set("X-Linked-Size", fmt.Sprint(len(data)))
	if s.length != 0 {
		w.Header().Set("X-Linked-Size", fmt.Sprint(s.length))
	}
	if s.away != "" {
		http.Redirect(w, r, s.away+"/"+name, http.StatusFound)
		return
	}
	if r.Method == http.MethodHead {
		return
	}
	if s.wrong {
		data = append([]byte{data[0] ^ 1}, data[1:]...)
	}
	var from int64
	if _, err := fmt.Sscanf(r.Header.Get("Range"), "bytes=%d-", &from); err == nil && !s.noRange {
		from += s.rangeAt
		w.Header().Set("Content-Range", fmt.Sprintf("bytes %d-%d/%d", from, len(data)-1, len(data)))
		data = data[from:]
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.WriteHeader(http.StatusPartialContent)
	} else {
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
	}
	if s.cuts > 0 && len(data) > 1 {
		s.cuts--
		_, _ = w.Write(data[:len(data)/2])
		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}
		panic(http.ErrAbortHandler)
	}
	_, _ = w.Write(data)
}

// asked counts the requests that begin with a text.
func (s *server) asked(prefix string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, r := range s.requests {
		if strings.HasPrefix(r, prefix) {
			n++
		}
	}
	return n
}
