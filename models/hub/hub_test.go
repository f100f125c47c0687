package hub

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// published is a repository as they are.
func published() map[string][]byte {
	return map[string][]byte{
		"model.onnx":            bytes.Repeat([]byte("graph "), 20000),
		"model.onnx_data":       bytes.Repeat([]byte{1, 2, 3}, 1000),
		"onnx/model_int8.onnx":  []byte("small graph"),
		"config.json":           []byte(`{"a": 1}`),
		"1_Pooling/config.json": []byte(`{}`),
		"tokenizer.json":        []byte(`{"b": 2}`),
		"empty.json":            {},
		"pytorch_model.bin":     []byte("not wanted"),
		"README.md":             []byte("not wanted"),
	}
}

func parse(t *testing.T, name string) Ref {
	t.Helper()
	r, err := Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// content reads the files below a folder, links followed.
func content(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		name, _ := filepath.Rel(dir, path)
		found[filepath.ToSlash(name)] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// nothingHalf fails where a file of the cache is not whole.
func nothingHalf(t *testing.T, h *Hub) {
	t.Helper()
	for name := range content(t, h.Cache) {
		if strings.HasSuffix(name, suffix) {
			t.Errorf("%s was left", name)
		}
	}
}

func TestPull(t *testing.T) {
	s := newServer(t, published())
	h := s.hub(t)
	path, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
	if err != nil {
		t.Fatal(err)
	}
	if want := filepath.Join(h.Cache, "models--o--n", "snapshots", commit); path != want {
		t.Errorf("pulled to %s, want %s", path, want)
	}
	got := content(t, path)
	for name, data := range s.files {
		_, ok := got[name]
		if wanted := name != "pytorch_model.bin" && name != "README.md" && name != "onnx/model_int8.onnx"; ok != wanted || ok && got[name] != string(data) {
			t.Errorf("%s: there %v, want %v, with its bytes", name, ok, wanted)
		}
	}
	link, err := os.Readlink(filepath.Join(path, "1_Pooling", "config.json"))
	if want := "../../../blobs/" + tag("config.json", []byte("{}")); err != nil || filepath.ToSlash(link) != want {
		t.Errorf("the link is %s, %v, want %s", link, err, want)
	}
	if ref, err := os.ReadFile(filepath.Join(h.Cache, "models--o--n", "refs", "main")); err != nil || string(ref) != commit {
		t.Errorf("refs/main is %q, %v, want the commit", ref, err)
	}
	if s.token != "Bearer secret" {
		t.Errorf("the server got the token %q", s.token)
	}
	nothingHalf(t, h)

	before := s.asked("GET /o/n")
	if _, err := h.Pull(t.Context(), parse(t, "hf:o/n")); err != nil || s.asked("GET /o/n") != before {
		t.Errorf("pulling again: %v, and %d files were fetched, want none", err, s.asked("GET /o/n")-before)
	}
	h.Offline = true
	if again, err := h.Pull(t.Context(), parse(t, "hf:o/n")); err != nil || again != path {
		t.Errorf("offline: %s, %v, want %s", again, err, path)
	}
	if _, err := h.Pull(t.Context(), parse(t, "hf:o/other")); !errors.Is(err, ErrOffline) {
		t.Errorf("offline, of what is not there: %v, want ErrOffline", err)
	}
}

func TestPullFile(t *testing.T) {
	s := newServer(t, published())
	h := s.hub(t)
	path, err := h.Pull(t.Context(), parse(t, "hf:o/n@"+commit+"/onnx/model_int8.onnx"))
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "small graph" {
		t.Errorf("the file has %q, %v", data, err)
	}
	if s.asked("GET /o/n/resolve/"+commit+"/model.onnx") != 0 || s.asked("GET /o/n/resolve/"+commit+"/tokenizer.json") != 1 {
		t.Errorf("requests %v, want the tokenizer and not the other graph", s.requests)
	}
	if _, err := h.Pull(t.Context(), parse(t, "hf:o/n/absent.onnx")); err == nil || !strings.Contains(err.Error(), "no file absent.onnx") {
		t.Errorf("%v, want that there is no such file", err)
	}
}

func TestConnectionsThatBreak(t *testing.T) {
	s := newServer(t, published())
	h := s.hub(t)
	s.cuts, s.busy = 12, 2
	path, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, path)["model.onnx"]; got != string(s.files["model.onnx"]) {
		t.Errorf("%d bytes came, want %d", len(got), len(s.files["model.onnx"]))
	}
	nothingHalf(t, h)
}

// What a call could not finish, the next goes on with.
func TestResume(t *testing.T) {
	s := newServer(t, map[string][]byte{"model.onnx": bytes.Repeat([]byte("0123456789"), 5000)})
	h := s.hub(t)
	h.Attempts = 1
	s.cuts = 1
	if _, err := h.Pull(t.Context(), parse(t, "hf:o/n")); err == nil {
		t.Fatal("a connection broke, and there is no error")
	}
	if _, err := h.Path(parse(t, "hf:o/n")); !errors.Is(err, ErrNotCached) {
		t.Errorf("half a model is %v, want ErrNotCached", err)
	}
	path, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
	if err != nil {
		t.Fatal(err)
	}
	if got := content(t, path)["model.onnx"]; got != string(s.files["model.onnx"]) {
		t.Errorf("%d bytes came, or wrong ones", len(got))
	}
	if s.asked("GET /o/n/resolve/"+commit+"/model.onnx bytes=25000-") != 1 {
		t.Errorf("requests %v, want one from byte 25000", s.requests)
	}
}

// What an earlier call left is of another file of that size: it is fetched anew.
func TestResumeOfWrongBytes(t *testing.T) {
	s := newServer(t, map[string][]byte{"model.onnx": bytes.Repeat([]byte("0123456789"), 50)})
	h := s.hub(t)
	blobs := filepath.Join(h.Cache, "models--o--n", "blobs")
	if err := os.MkdirAll(blobs, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{10, 500, 900} {
		partial := filepath.Join(blobs, tag("model.onnx", s.files["model.onnx"])+suffix)
		if err := os.WriteFile(partial, bytes.Repeat([]byte("x"), left), 0o644); err != nil {
			t.Fatal(err)
		}
		path, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
		if err != nil {
			t.Fatal(err)
		}
		if got := content(t, path)["model.onnx"]; got != string(s.files["model.onnx"]) {
			t.Errorf("with %d wrong bytes to begin with, %d came, or wrong ones", left, len(got))
		}
		if err := h.Remove(parse(t, "hf:o/n"), false); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(blobs, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestServersThatLie(t *testing.T) {
	for name, tt := range map[string]struct {
		lie  func(*server)
		says string
		is   error
	}{
		"wrong bytes":     {func(s *server) { s.wrong = true }, "expected", ErrChecksum},
		"too long":        {func(s *server) { s.length = 3 }, "promises", nil},
		"too short":       {func(s *server) { s.length = 1 << 40 }, "promises", nil},
		"not there":       {func(s *server) { s.status = 404 }, "404", nil},
		"not allowed":     {func(s *server) { s.status = 401 }, EnvToken, nil},
		"broken":          {func(s *server) { s.status = 500 }, "500", nil},
		"leaves the root": {func(s *server) { s.names = []string{"../../evil.json"} }, "below a folder", nil},
		"absolute":        {func(s *server) { s.names = []string{"/etc/passwd"} }, "below a folder", nil},
		"backslash":       {func(s *server) { s.names = []string{`..\evil.json`} }, "below a folder", nil},
		"no such file":    {func(s *server) { s.names = []string{"ghost.json"} }, "404", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, map[string][]byte{"model.onnx": []byte("0123456789")})
			h := s.hub(t)
			tt.lie(s)
			_, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
			if err == nil || !strings.Contains(err.Error(), tt.says) || tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v, want an error with %q", err, tt.says)
			}
			if _, err := h.Path(parse(t, "hf:o/n")); !errors.Is(err, ErrNotCached) {
				t.Errorf("the model is in the cache: %v", err)
			}
			nothingHalf(t, h)
		})
	}
}

// Servers may ignore ranges, or send others; the file comes whole all the same, or not.
func TestRanges(t *testing.T) {
	for name, tt := range map[string]struct {
		lie  func(*server)
		fine bool
	}{
		"ignored":    {func(s *server) { s.noRange = true }, true},
		"another":    {func(s *server) { s.rangeAt = 1 }, true},
		"and broken": {func(s *server) { s.noRange = true; s.wrong = true }, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t, map[string][]byte{"model.onnx": bytes.Repeat([]byte("0123456789"), 500)})
			h := s.hub(t)
			s.cuts = 1
			tt.lie(s)
			path, err := h.Pull(t.Context(), parse(t, "hf:o/n"))
			if (err == nil) != tt.fine {
				t.Fatal(err)
			}
			if tt.fine && content(t, path)["model.onnx"] != string(s.files["model.onnx"]) {
				t.Error("other bytes came")
			}
		})
	}
}

// Large files are at another host, which must not get the token.
func TestTokenStays(t *testing.T) {
	far := newServer(t, map[string][]byte{"model.onnx": []byte("far")})
	s := newServer(t, map[string][]byte{"model.onnx": []byte("far")})
	s.away = strings.Replace(far.URL, "127.0.0.1", "localhost", 1)
	h := s.hub(t)
	if _, err := h.Pull(t.Context(), parse(t, "hf:o/n")); err != nil {
		t.Fatal(err)
	}
	if far.asked("GET") != 1 || far.token != "" {
		t.Errorf("the other host got %d requests and the token %q, want 1 and none", far.asked("GET"), far.token)
	}
}

func TestPullURL(t *testing.T) {
	s := newServer(t, map[string][]byte{"a.onnx": []byte("0123456789")})
	h := s.hub(t)
	for name, says := range map[string]string{
		"/a.onnx": "",
		"/a.onnx#sha256=84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882": "",
		"/a.onnx#sha256=" + strings.Repeat("0", 64):                                       "wrong checksum",
		"/b.onnx": "404",
	} {
		r := parse(t, s.URL+name)
		path, err := h.Pull(t.Context(), r)
		if (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", name, err, says)
		}
		if err != nil {
			continue
		}
		if data, err := os.ReadFile(path); err != nil || string(data) != "0123456789" {
			t.Errorf("%s: %q, %v", name, data, err)
		}
		if err := h.Remove(r, false); err != nil {
			t.Error(err)
		}
		if _, err := h.Path(r); !errors.Is(err, ErrNotCached) {
			t.Errorf("%s: after it was removed: %v", name, err)
		}
	}
	nothingHalf(t, h)
}

func TestCancel(t *testing.T) {
	s := newServer(t, map[string][]byte{"model.onnx": []byte("0123456789")})
	h := s.hub(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.Progress = func(string, int64, int64) { cancel() }
	s.cuts = 1
	if _, err := h.Pull(ctx, parse(t, "hf:o/n")); err == nil {
		t.Error("a pull that was cancelled ended well")
	}
}

func TestListAndRemove(t *testing.T) {
	s := newServer(t, published())
	h := s.hub(t)
	if list, err := h.List(); err != nil || len(list) != 0 {
		t.Errorf("an empty cache has %v, %v", list, err)
	}
	r := parse(t, "hf:o/n")
	if _, err := h.Pull(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	list, err := h.List()
	if err != nil || len(list) != 1 || list[0].Name != "hf:o/n" || !slices.Equal(list[0].Revisions, []string{"main"}) || list[0].Bytes < 120000 {
		t.Errorf("the cache has %+v, %v, want hf:o/n at main with all its bytes", list, err)
	}
	if err := h.Remove(r, false); err != nil {
		t.Fatal(err)
	}
	if left := content(t, h.Cache); len(left) != 0 {
		t.Errorf("%v is left", left)
	}
	if err := h.Remove(r, true); !errors.Is(err, ErrNotCached) {
		t.Errorf("removing it again: %v, want ErrNotCached", err)
	}
	if err := h.Remove(Ref{Path: h.Cache}, true); err == nil {
		t.Error("a path was removed")
	}
}

func TestParse(t *testing.T) {
	for name, want := range map[string]Ref{
		"hf:o/n":               {Owner: "o", Name: "n", Revision: "main"},
		"hf:o/n@v1.0/a/b.onnx": {Owner: "o", Name: "n", Revision: "v1.0", File: "a/b.onnx"},
		"hf:o/n/a.onnx":        {Owner: "o", Name: "n", Revision: "main", File: "a.onnx"},
		"https://h/p/m.onnx":   {URL: "https://h/p/m.onnx", File: "m.onnx"},
		"models/m.onnx":        {Path: "models/m.onnx"},
	} {
		got, err := Parse(name)
		if err != nil || got != want {
			t.Errorf("%q: %+v, %v, want %+v", name, got, err, want)
		}
		if err == nil && got.String() != name {
			t.Errorf("%q is written as %q", name, got)
		}
	}
	for _, name := range []string{"", "hf:", "hf:n", "hf:o/", "hf:o/n@", "hf:o/n@..", "hf:../n", "hf:o/n/../x", "hf:o/n//x", "hf:o--x/n", "hf:o/n@a/../../b", "https://", "https://h/", "https://h/x#md5=1", "https://h/x#sha256=12", "hf:o/n/a\\b"} {
		if got, err := Parse(name); err == nil {
			t.Errorf("%q: %+v, want an error", name, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add("hf:o/n@main/a.onnx")
	f.Add("https://h/a#sha256=00")
	f.Fuzz(func(t *testing.T, name string) {
		r, err := Parse(name)
		if err != nil || r.Path != "" {
			return
		}
		h := &Hub{Cache: "/cache"}
		path := h.urlPath(r)
		if r.URL == "" {
			path = filepath.Join(h.snapshot(r, commit), filepath.FromSlash(r.File))
		}
		if rel, err := filepath.Rel(h.Cache, path); err != nil || !filepath.IsLocal(rel) {
			t.Errorf("%q leads to %s, out of the cache", name, path)
		}
	})
}

func TestFromEnv(t *testing.T) {
	for _, tt := range []struct {
		env   map[string]string
		cache string
	}{
		{map[string]string{"HOME": "/h"}, "/h/.cache/huggingface/hub"},
		{map[string]string{"HOME": "/h", "XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub"},
		{map[string]string{"HOME": "/h", EnvHome: "/hf"}, "/hf/hub"},
		{map[string]string{EnvHome: "/hf", EnvCache: "/c"}, "/c"},
	} {
		if h := FromEnv(func(k string) string { return tt.env[k] }); filepath.ToSlash(h.Cache) != tt.cache || h.Offline {
			t.Errorf("%v: cache %s, offline %v, want %s", tt.env, h.Cache, h.Offline, tt.cache)
		}
	}
	if h := FromEnv(func(k string) string { return map[string]string{EnvOffline: "1"}[k] }); !h.Offline {
		t.Error("HF_HUB_OFFLINE=1 is not offline")
	}
}
