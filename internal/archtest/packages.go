package archtest

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
)

// emptyNames say where code was put and not what it is about.
var emptyNames = []string{"util", "utils", "common", "helper", "helpers", "misc", "shared", "lib"}

// CheckPackages returns the packages without a package comment, and those whose name
// says nothing.
func CheckPackages(tree *Tree) []Violation {
	var found []Violation
	for _, pkg := range tree.Packages {
		sources := slices.Collect(pkg.Sources)
		if len(sources) == 0 {
			continue // tests alone
		}
		name := sources[0].AST.Name.Name
		if word := emptyName(pkg.Dir, name); word != "" {
			found = append(found, Violation{
				Pos: pkg.Dir, What: fmt.Sprintf("a package called %q", word),
				Do: "name it after what it gives, or move each function to the package whose words it uses",
			})
		}
		want := "Package " + name + " "
		if name == "main" {
			want = "" // a command's comment begins with its name, in a sentence of its own
		}
		if !slices.ContainsFunc(sources, func(f *File) bool { return documents(f.AST.Doc, want) }) {
			found = append(found, Violation{
				Pos: pkg.Dir, What: "no package comment",
				Do: fmt.Sprintf("say in one file, above its package clause, what the package is for: it begins with %q", want),
			})
		}
	}
	return found
}

// emptyName returns the part of a package's folder or name that says nothing, or "".
func emptyName(dir, name string) string {
	for _, word := range []string{name, path.Base(dir)} {
		if slices.Contains(emptyNames, strings.ToLower(word)) {
			return word
		}
	}
	return ""
}

// documents says whether doc is a comment that begins with want and goes on.
func documents(doc *ast.CommentGroup, want string) bool {
	text := doc.Text()
	return strings.HasPrefix(text, want) && len(strings.TrimSpace(text)) > len(want)
}
