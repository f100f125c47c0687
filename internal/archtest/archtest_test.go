package archtest

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/seed6700ada1/infer/internal/fixture"
)

// The tests named TestTree hold this repository to the rules; the others try the
// rules themselves on small trees.

func TestTreeImports(t *testing.T)  { report(t, CheckImports(repository(t))) }
func TestTreeSizes(t *testing.T)    { report(t, CheckSizes(repository(t), sizeExceptions)) }
func TestTreeCode(t *testing.T)     { report(t, CheckCode(repository(t))) }
func TestTreePackages(t *testing.T) { report(t, CheckPackages(repository(t))) }
func TestTreeAssembly(t *testing.T) { report(t, CheckAssembly(repository(t))) }

func TestTreeCommands(t *testing.T) {
	root := fixture.Root(t)
	tree := repository(t)
	makefile := read(t, filepath.Join(root, "Makefile"))
	pages, err := filepath.Glob(filepath.Join(root, "docs", "*.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, page := range append(pages, filepath.Join(root, "README.md")) {
		name, err := filepath.Rel(root, page)
		if err != nil {
			t.Fatal(err)
		}
		report(t, CheckCommands(tree, filepath.ToSlash(name), read(t, page), makefile))
	}
}

func TestReadmeBeginsWithRunAndTest(t *testing.T) {
	commands := shellCommands(read(t, filepath.Join(fixture.Root(t), "README.md")))
	var first []string
	for _, c := range commands[:min(2, len(commands))] {
		first = append(first, c.program+" "+c.firstWord)
	}
	if got, want := strings.Join(first, ", "), "make run, make test"; got != want {
		t.Errorf("the README's first two commands are %q, want %q", got, want)
	}
}

// TestArchitectureShowsRooms keeps the page and the table in step.
func TestArchitectureShowsRooms(t *testing.T) {
	page := read(t, filepath.Join(fixture.Root(t), "docs", "architecture.md"))
	for _, r := range rooms {
		dir := strings.TrimSuffix(r.dir, "/...")
		if !strings.Contains(page, "`"+dir+"`") {
			t.Errorf("docs/architecture.md does not show the room `%s` of internal/archtest/rooms.go: add a line to its table", dir)
		}
	}
}

// repository parses the module that this package is part of.
func repository(t *testing.T) *Tree {
	t.Helper()
	return parse(t, os.DirFS(fixture.Root(t)))
}

func parse(t *testing.T, fsys fs.FS) *Tree {
	t.Helper()
	tree, err := ReadTree(fsys)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func report(t *testing.T, found []Violation) {
	t.Helper()
	for _, v := range found {
		t.Error(v)
	}
}

// files is a small tree: its content by path.
type files map[string]string

func (f files) tree(t *testing.T) *Tree {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, content := range f {
		fsys[path.Clean(name)] = &fstest.MapFile{Data: []byte(content)}
	}
	return parse(t, fsys)
}

// expect compares violations with the places and findings wanted, one "pos: what"
// for each.
func expect(t *testing.T, found []Violation, want ...string) {
	t.Helper()
	var got []string
	for _, v := range found {
		got = append(got, v.Pos+": "+v.What)
		if v.Do == "" {
			t.Errorf("%s: %s: does not say what to do instead", v.Pos, v.What)
		}
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("violations:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}
