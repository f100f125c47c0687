package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/seed6700ada1/infer/internal/atomicfile"
)

// The environment variables of Hugging Face's programs that this package follows.
const (
	EnvCache    = "HF_HUB_CACHE"   // the cache
	EnvHome     = "HF_HOME"        // the folder that has the cache as its hub
	EnvEndpoint = "HF_ENDPOINT"    // a mirror, in place of defaultEndpoint
	EnvToken    = "HF_TOKEN"       // of a user, for repositories that want one
	EnvOffline  = "HF_HUB_OFFLINE" // 1, true, yes or on: never ask the network
)

// defaultEndpoint is where names that begin with hf: are looked up, unless EnvEndpoint
// says otherwise.
const defaultEndpoint = "https://huggingface.co"

// ErrOffline says that something is not in the cache and the network is not asked.
var ErrOffline = errors.New("hub: offline")

// ErrNotCached says that a model is not in the cache.
var ErrNotCached = errors.New("hub: not in the cache")

// Hub fetches and keeps models. Its fields are set before it is used; it is safe for
// concurrent use then.
type Hub struct {
	Cache    string // folder
	Endpoint string // such as https://example.org, without a slash at the end
	Token    string // sent to Endpoint only
	Offline  bool
	Client   *http.Client
	// Attempts is how often a transfer is tried that makes no progress; Wait is the
	// time before the second one, which doubles.
	Attempts int
	Wait     time.Duration
	// Progress, if not nil, is told how many bytes of a file are there; total is -1 where
	// that is not known. Calls come one at a time.
	Progress func(file string, done, total int64)
}

// FromEnv makes a hub that follows the environment, as getenv tells it.
func FromEnv(getenv func(string) string) *Hub {
	h := &Hub{
		Endpoint: strings.TrimRight(getenv(EnvEndpoint), "/"),
		Token:    getenv(EnvToken),
		Client:   &http.Client{Transport: http.DefaultTransport},
		Attempts: 5,
		Wait:     time.Second,
	}
	if h.Endpoint == "" {
		h.Endpoint = defaultEndpoint
	}
	switch strings.ToLower(getenv(EnvOffline)) {
	case "1", "true", "yes", "on":
		h.Offline = true
	}
	switch home := getenv(EnvHome); {
	case getenv(EnvCache) != "":
		h.Cache = getenv(EnvCache)
	case home != "":
		h.Cache = filepath.Join(home, "hub")
	default:
		dir := getenv("XDG_CACHE_HOME")
		if dir == "" {
			dir = filepath.Join(getenv("HOME"), ".cache")
		}
		h.Cache = filepath.Join(dir, "huggingface", "hub")
	}
	return h
}

// Pull returns the path of a model, and fetches what of it is not in the cache: a folder,
// or the file that the name ends in.
func (h *Hub) Pull(ctx context.Context, r Ref) (string, error) {
	switch {
	case r.Path != "":
		_, err := os.Stat(r.Path)
		return r.Path, err
	case h.Offline:
		path, err := h.Path(r)
		if errors.Is(err, ErrNotCached) {
			err = fmt.Errorf("%w: %s is not in the cache, and %s is set", ErrOffline, r, EnvOffline)
		}
		return path, err
	case r.URL != "":
		return h.pullURL(ctx, r)
	}
	repo, err := h.lookUp(ctx, r)
	if err != nil {
		return "", err
	}
	files, err := choose(repo.files, r.File)
	if err != nil {
		return "", fmt.Errorf("hub: %s: %w", r, err)
	}
	for _, file := range files {
		if err := h.pullFile(ctx, r, repo.commit, file); err != nil {
			return "", fmt.Errorf("hub: %s: %s: %w", r, file, err)
		}
	}
	if r.Revision != repo.commit {
		if err := h.writeRef(r, repo.commit); err != nil {
			return "", err
		}
	}
	return filepath.Join(h.snapshot(r, repo.commit), filepath.FromSlash(r.File)), nil
}

// Path returns the path of a model that is in the cache. It asks no network.
func (h *Hub) Path(r Ref) (string, error) {
	path := r.Path
	switch {
	case r.Path != "":
	case r.URL != "":
		path = h.urlPath(r)
	default:
		commit := r.Revision
		if text, err := os.ReadFile(h.refFile(r)); err == nil {
			commit = strings.TrimSpace(string(text))
		}
		if !validFile(commit) {
			return "", fmt.Errorf("hub: %s: the cache has a broken reference to %q", r, commit)
		}
		path = filepath.Join(h.snapshot(r, commit), filepath.FromSlash(r.File))
	}
	if _, err := os.Stat(path); err != nil {
		if errors.Is(err, fs.ErrNotExist) && r.Path == "" {
			return "", fmt.Errorf("%w: %s", ErrNotCached, r)
		}
		return "", err
	}
	return path, nil
}

func (h *Hub) repositoryDir(r Ref) string { return filepath.Join(h.Cache, r.folder()) }

func (h *Hub) snapshot(r Ref, commit string) string {
	return filepath.Join(h.repositoryDir(r), "snapshots", commit)
}

func (h *Hub) refFile(r Ref) string {
	return filepath.Join(h.repositoryDir(r), "refs", filepath.FromSlash(r.Revision))
}

// writeRef notes which commit a branch or tag is.
func (h *Hub) writeRef(r Ref, commit string) error {
	path := h.refFile(r)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return atomicfile.WriteBytes(path, []byte(commit))
}
