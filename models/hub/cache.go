package hub

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Entry is a model in the cache.
type Entry struct {
	Name      string   // hf:owner/name
	Revisions []string // branches and tags, or commits that have no other name
	Bytes     int64    // on the disk
	Path      string   // its folder
}

// List returns the repositories in the cache, by name.
func (h *Hub) List() ([]Entry, error) {
	dirs, err := os.ReadDir(h.Cache)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var list []Entry
	for _, d := range dirs {
		owner, name, ok := strings.Cut(strings.TrimPrefix(d.Name(), "models--"), "--")
		if !d.IsDir() || !ok || !strings.HasPrefix(d.Name(), "models--") {
			continue
		}
		e := Entry{Name: scheme + owner + "/" + name, Path: filepath.Join(h.Cache, d.Name())}
		if e.Bytes, err = diskUse(e.Path); err != nil {
			return nil, err
		}
		if e.Revisions, err = revisions(e.Path); err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

// diskUse adds up the files below a folder; links count nothing.
func diskUse(dir string) (bytes int64, err error) {
	err = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err == nil {
			bytes += info.Size()
		}
		return err
	})
	return bytes, err
}

// references maps the branches and tags of a repository to their commits.
func references(dir string) (map[string]string, error) {
	root := filepath.Join(dir, "refs")
	found := map[string]string{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		commit, err := os.ReadFile(path)
		found[filepath.ToSlash(name)] = strings.TrimSpace(string(commit))
		return err
	})
	return found, err
}

func revisions(dir string) ([]string, error) {
	refs, err := references(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	named := map[string]bool{}
	for name, commit := range refs {
		names = append(names, name)
		named[commit] = true
	}
	snapshots, err := os.ReadDir(filepath.Join(dir, "snapshots"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, s := range snapshots {
		if !named[s.Name()] {
			names = append(names, s.Name())
		}
	}
	slices.Sort(names)
	return names, nil
}

// Remove deletes a model from the cache: a URL's file, a repository's revision with the
// blobs that no other uses, or with all the whole repository. What is outside the cache
// is not touched: a path is an error.
func (h *Hub) Remove(r Ref, all bool) error {
	switch {
	case r.Path != "":
		return errors.New("hub: " + r.Path + " is a path, and not in the cache")
	case r.URL != "":
		if _, err := h.Path(r); err != nil {
			return err
		}
		return os.RemoveAll(filepath.Dir(h.urlPath(r)))
	}
	dir := h.repositoryDir(r)
	if all {
		if _, err := os.Stat(dir); err != nil {
			return errors.Join(ErrNotCached, err)
		}
		return os.RemoveAll(dir)
	}
	whole := r
	whole.File = ""
	snapshot, err := h.Path(whole)
	if err != nil {
		return err
	}
	refs, err := references(dir)
	if err != nil {
		return err
	}
	for name, commit := range refs { // names first: what has none is not found half
		if commit == filepath.Base(snapshot) {
			if err := os.Remove(filepath.Join(dir, "refs", filepath.FromSlash(name))); err != nil {
				return err
			}
		}
	}
	if err := os.RemoveAll(snapshot); err != nil {
		return err
	}
	return removeOrphans(dir)
}

// removeOrphans deletes the blobs that no snapshot links to, and the repository where
// none are left.
func removeOrphans(dir string) error {
	used := map[string]bool{}
	err := filepath.WalkDir(filepath.Join(dir, "snapshots"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink == 0 {
			return err
		}
		target, err := os.Readlink(path)
		used[filepath.Base(target)] = true
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	blobs, err := os.ReadDir(filepath.Join(dir, "blobs"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, b := range blobs {
		if used[b.Name()] {
			continue
		}
		if err := os.Remove(filepath.Join(dir, "blobs", b.Name())); err != nil {
			return err
		}
	}
	if len(used) == 0 {
		return os.RemoveAll(dir)
	}
	return nil
}
