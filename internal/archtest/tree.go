package archtest

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Module is the import path of the module whose rules these are.
const Module = "github.com/seed6700ada1/infer"

// Violation is one place that breaks a rule.
type Violation struct {
	Pos  string // file, or file:line, relative to the module root
	What string // what was found
	Do   string // what to do instead
}

// String returns the violation as one line.
func (v Violation) String() string {
	return fmt.Sprintf("%s: %s: %s", v.Pos, v.What, v.Do)
}

// Tree is the parsed source of one module.
type Tree struct {
	Fset     *token.FileSet
	Packages []*Package // by folder, in order
}

// Package is one folder with Go files in it.
type Package struct {
	Dir   string // slash-separated, relative to the module root; "." is the root
	Files []*File
	Asm   []*Asm
}

// File is one Go file.
type File struct {
	Path      string // relative to the module root
	Test      bool   // its name ends in _test.go
	Generated bool   // it says so, in the form that the go command specifies
	Lines     int
	AST       *ast.File
}

// Asm is one Go assembly file.
type Asm struct {
	Path string // relative to the module root
	Text string
}

// ReadTree parses every Go file of the module whose root is fsys.
func ReadTree(fsys fs.FS) (*Tree, error) {
	tree := &Tree{Fset: token.NewFileSet()}
	byDir := map[string]*Package{}
	err := fs.WalkDir(fsys, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return enterDir(fsys, name)
		}
		if ext := path.Ext(name); ext != ".go" && ext != ".s" {
			return nil
		}
		dir := path.Dir(name)
		if byDir[dir] == nil {
			byDir[dir] = &Package{Dir: dir}
			tree.Packages = append(tree.Packages, byDir[dir])
		}
		return byDir[dir].add(tree.Fset, fsys, name)
	})
	if err != nil {
		return nil, fmt.Errorf("archtest: %w", err)
	}
	slices.SortFunc(tree.Packages, func(a, b *Package) int { return strings.Compare(a.Dir, b.Dir) })
	return tree, nil
}

// enterDir returns fs.SkipDir for folders that the go command leaves out of "./...".
func enterDir(fsys fs.FS, name string) error {
	if name == "." {
		return nil
	}
	base := path.Base(name)
	if base == "testdata" || base == "vendor" || strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") {
		return fs.SkipDir
	}
	_, err := fs.Stat(fsys, path.Join(name, "go.mod"))
	switch {
	case err == nil:
		return fs.SkipDir // a module of its own
	case errors.Is(err, fs.ErrNotExist):
		return nil
	default:
		return err
	}
}

// add reads the file called name into p.
func (p *Package) add(fset *token.FileSet, fsys fs.FS, name string) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	if path.Ext(name) == ".s" {
		p.Asm = append(p.Asm, &Asm{Path: name, Text: string(data)})
		return nil
	}
	parsed, err := parser.ParseFile(fset, name, data, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	p.Files = append(p.Files, &File{
		Path:      name,
		Test:      strings.HasSuffix(name, "_test.go"),
		Generated: ast.IsGenerated(parsed),
		Lines:     bytes.Count(data, []byte("\n")),
		AST:       parsed,
	})
	return nil
}

// Imports returns the import paths of f, in order.
func (f *File) Imports() []string {
	paths := make([]string, 0, len(f.AST.Imports))
	for _, spec := range f.AST.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err == nil {
			paths = append(paths, p)
		}
	}
	return paths
}

// Sources yields the files of p that are not tests.
func (p *Package) Sources(yield func(*File) bool) {
	for _, file := range p.Files {
		if !file.Test && !yield(file) {
			return
		}
	}
}

// pos returns where n stands, as file:line.
func (t *Tree) pos(n ast.Node) string {
	at := t.Fset.Position(n.Pos())
	return fmt.Sprintf("%s:%d", at.Filename, at.Line)
}

// below says whether dir is base or a folder below it.
func below(dir, base string) bool {
	return dir == base || strings.HasPrefix(dir, base+"/")
}

// matches says whether dir is covered by pattern: a folder, or with the suffix
// "/..." a folder and everything below it.
func matches(pattern, dir string) bool {
	if base, ok := strings.CutSuffix(pattern, "/..."); ok {
		return base == "." || below(dir, base)
	}
	return pattern == dir
}
