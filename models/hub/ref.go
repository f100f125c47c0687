package hub

import (
	"encoding/hex"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"strings"
)

// Ref names a model.
type Ref struct {
	Owner, Name string // of a repository; Owner may be ""
	Revision    string // branch, tag or commit
	File        string // in the repository, slash-separated; "" for the model as a whole
	URL         string // of a file that is in no repository
	SHA256      string // that the file at URL must have; "" where it may have any
	Path        string // on the disk
}

// scheme begins the names of repositories.
const scheme = "hf:"

var (
	namePattern     = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,95}$`)
	revisionPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$`)
)

// IsRemote says whether a name is one of a repository or a URL, and not a path.
func IsRemote(name string) bool {
	return strings.HasPrefix(name, scheme) || strings.HasPrefix(name, "https://") || strings.HasPrefix(name, "http://")
}

// Parse reads a name.
func Parse(name string) (Ref, error) {
	switch {
	case name == "":
		return Ref{}, fmt.Errorf("hub: the name of a model is empty")
	case !IsRemote(name):
		return Ref{Path: name}, nil
	case !strings.HasPrefix(name, scheme):
		return parseURL(name)
	}
	bad := func(what string) (Ref, error) {
		return Ref{}, fmt.Errorf("hub: %q: %s, expected hf:owner/name[@revision][/file]", name, what)
	}
	r := Ref{Revision: "main"}
	repo, rest, _ := strings.Cut(strings.TrimPrefix(name, scheme), "/")
	r.Owner = repo
	r.Name, r.File, _ = strings.Cut(rest, "/")
	if n, revision, ok := strings.Cut(r.Name, "@"); ok {
		r.Name, r.Revision = n, revision
	}
	switch {
	case !namePattern.MatchString(r.Owner) || !namePattern.MatchString(r.Name) || strings.Contains(r.Owner+r.Name, "--") || strings.Contains(r.Owner+r.Name, ".."):
		return bad("that is no name of a repository")
	case !validRevision(r.Revision):
		return bad("that is no revision")
	case r.File != "" && !validFile(r.File):
		return bad("that is no file of a repository")
	}
	return r, nil
}

func validRevision(revision string) bool {
	return revisionPattern.MatchString(revision) && !strings.Contains(revision, "..") && filepath.IsLocal(revision)
}

// validFile says whether a file's name stays below the folder that it is put in.
func validFile(name string) bool {
	return name != "" && !strings.ContainsAny(name, "\\:\x00") && path.Clean(name) == name && filepath.IsLocal(filepath.FromSlash(name))
}

func parseURL(name string) (Ref, error) {
	u, err := url.Parse(name)
	if err != nil {
		return Ref{}, fmt.Errorf("hub: %w", err)
	}
	r := Ref{}
	if sum, ok := strings.CutPrefix(u.Fragment, "sha256="); ok {
		if raw, err := hex.DecodeString(sum); err != nil || len(raw) != 32 {
			return Ref{}, fmt.Errorf("hub: %q: the checksum is no SHA-256 in hexadecimal", name)
		}
		r.SHA256 = strings.ToLower(sum)
	} else if u.Fragment != "" {
		return Ref{}, fmt.Errorf("hub: %q: expected nothing or #sha256=HEX behind the address", name)
	}
	u.Fragment = ""
	r.URL = u.String()
	if r.File = path.Base(u.Path); u.Host == "" || !validFile(r.File) || r.File == "." || r.File == "/" {
		return Ref{}, fmt.Errorf("hub: %q: the address names no file", name)
	}
	return r, nil
}

// String is the name that [Parse] reads.
func (r Ref) String() string {
	switch {
	case r.Path != "":
		return r.Path
	case r.URL != "":
		if r.SHA256 != "" {
			return r.URL + "#sha256=" + r.SHA256
		}
		return r.URL
	}
	s := scheme + r.Owner + "/" + r.Name
	if r.Revision != "main" && r.Revision != "" {
		s += "@" + r.Revision
	}
	if r.File != "" {
		s += "/" + r.File
	}
	return s
}

// repository is owner/name.
func (r Ref) repository() string { return r.Owner + "/" + r.Name }

// folder is the folder of the repository in the cache.
func (r Ref) folder() string { return "models--" + r.Owner + "--" + r.Name }
