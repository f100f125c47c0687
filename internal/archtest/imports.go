package archtest

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// CheckImports returns the imports that the table of rooms does not allow. Test files
// are free to import any room: they wire engines and models together to try them.
func CheckImports(tree *Tree) []Violation {
	var found []Violation
	for _, pkg := range tree.Packages {
		home, ok := roomOf(pkg.Dir)
		if !ok {
			found = append(found, Violation{
				Pos: pkg.Dir, What: "this folder is in no room",
				Do: "move it into a room of docs/architecture.md, or give it a line in internal/archtest/rooms.go and in that table, with a reason",
			})
			continue
		}
		for file := range pkg.Sources {
			for _, imported := range file.Imports() {
				if v, bad := checkImport(home, pkg.Dir, imported); bad {
					v.Pos = file.Path
					found = append(found, v)
				}
			}
		}
	}
	return found
}

// roomOf returns the room that the folder dir belongs to.
func roomOf(dir string) (room, bool) {
	i := slices.IndexFunc(rooms, func(r room) bool { return matches(r.dir, dir) })
	if i < 0 {
		return room{}, false
	}
	return rooms[i], true
}

// checkImport judges one import of the folder dir, which belongs to home.
func checkImport(home room, dir, imported string) (Violation, bool) {
	switch {
	case imported == "unsafe":
		return guarded(dir, imported, unsafeRooms, "use a typed view of runtime/tensor, or move the code into one of %s")
	case imported == "C":
		return guarded(dir, imported, cgoRooms, "write it in Go, or reach the library through %s")
	case imported == Module || strings.HasPrefix(imported, Module+"/"):
		return checkInternal(home, dir, imported)
	case !strings.Contains(strings.Split(imported, "/")[0], "."):
		return Violation{}, false // the standard library
	}
	if slices.ContainsFunc(home.external, func(e string) bool { return e == everything || below(imported, e) }) {
		return Violation{}, false
	}
	return Violation{
		What: fmt.Sprintf("%s imports %s", dir, imported),
		Do: fmt.Sprintf("%s (%s); do without, put it behind an interface that a higher room fills, or argue for it in docs/architecture.md and add it to internal/archtest/rooms.go",
			allows(home.dir, "of other modules", home.external), home.why),
	}, true
}

// guarded judges an import that only the rooms of allowed may have. The advice has
// one verb, for their list.
func guarded(dir, imported string, allowed []string, advice string) (Violation, bool) {
	if slices.ContainsFunc(allowed, func(pattern string) bool { return matches(pattern, dir) }) {
		return Violation{}, false
	}
	return Violation{
		What: fmt.Sprintf("%s imports %q", dir, imported),
		Do:   fmt.Sprintf(advice, strings.Join(allowed, ", ")),
	}, true
}

// checkInternal judges an import of this module's own packages.
func checkInternal(home room, dir, imported string) (Violation, bool) {
	target := "."
	if imported != Module {
		target = strings.TrimPrefix(imported, Module+"/")
	}
	if slices.Contains(testOnly, target) && !forTests(dir) {
		return Violation{
			What: fmt.Sprintf("%s imports %s, which is for tests", dir, target),
			Do:   "move the code that needs it into a _test.go file",
		}, true
	}
	if matches(home.dir, target) && strings.HasSuffix(home.dir, "/...") {
		return Violation{}, false // its own room
	}
	if slices.ContainsFunc(home.may, func(pattern string) bool { return matches(pattern, target) }) || forTests(dir) {
		return Violation{}, false
	}
	return Violation{
		What: fmt.Sprintf("%s imports %s", dir, target),
		Do: fmt.Sprintf("%s (%s); move what you need down into a room that both may know, or take it as an argument or an interface",
			allows(home.dir, "of this module", home.may), home.why),
	}, true
}

// forTests says whether the folder dir holds a package that only tests import: one
// whose name ends in "test", as in net/http/httptest, or one of the list.
func forTests(dir string) bool {
	return strings.HasSuffix(path.Base(dir), "test") || slices.Contains(testOnly, dir)
}

// allows says what the room dir may import.
func allows(dir, of string, list []string) string {
	if len(list) == 0 {
		return fmt.Sprintf("%s may import nothing %s", dir, of)
	}
	return fmt.Sprintf("%s may import %s only %s", dir, of, strings.Join(list, ", "))
}
