package archtest

import (
	"fmt"
	"go/ast"
	"go/build/constraint"
	"path"
	"regexp"
	"slices"
	"strings"
)

// textSymbol matches the name that an assembly function is declared with: TEXT ·name
// and a flag list or frame size.
var textSymbol = regexp.MustCompile(`(?m)^TEXT\s+·([A-Za-z0-9_]+)(?:<ABIInternal>)?\(SB\)`)

// CheckAssembly returns what is missing beside an assembly file called
// thing_arch.s or thing_feature_arch.s: for each of its functions a documented Go
// declaration without a body; a file thing_generic.go, built everywhere, that gives
// the functions their meaning; and a test, thing_test.go.
func CheckAssembly(tree *Tree) []Violation {
	var found []Violation
	for _, pkg := range tree.Packages {
		for _, asm := range pkg.Asm {
			found = append(found, checkStubs(pkg, asm)...)
			found = append(found, checkTwin(pkg, asm)...)
		}
	}
	return found
}

// checkStubs asks for a documented Go declaration of each function in asm.
func checkStubs(pkg *Package, asm *Asm) []Violation {
	var found []Violation
	for _, match := range textSymbol.FindAllStringSubmatch(asm.Text, -1) {
		stub := findStub(pkg, match[1])
		if stub == nil || strings.TrimSpace(stub.Doc.Text()) == "" {
			found = append(found, Violation{
				Pos: asm.Path, What: fmt.Sprintf("assembly function %s has no documented Go declaration", match[1]),
				Do: "declare it without a body in the _arch.go file beside; its comment is the Go loop that it replaces",
			})
		}
	}
	return found
}

// findStub returns the declaration without a body of the function called name.
func findStub(pkg *Package, name string) *ast.FuncDecl {
	for file := range pkg.Sources {
		for _, fn := range functions(file) {
			if fn.Recv == nil && fn.Name.Name == name && fn.Body == nil {
				return fn
			}
		}
	}
	return nil
}

// checkTwin asks for the plain Go file and the test beside asm.
func checkTwin(pkg *Package, asm *Asm) []Violation {
	thing, _, _ := strings.Cut(strings.TrimSuffix(path.Base(asm.Path), ".s"), "_")
	var found []Violation
	twin := path.Join(pkg.Dir, thing+"_generic.go")
	i := slices.IndexFunc(pkg.Files, func(f *File) bool { return f.Path == twin })
	switch {
	case i < 0:
		found = append(found, Violation{
			Pos: asm.Path, What: "no plain Go twin",
			Do: "write " + twin + ": it is the meaning, and what runs where the assembly cannot",
		})
	case constrained(pkg.Files[i]):
		found = append(found, Violation{
			Pos: twin, What: "has a build constraint",
			Do: "build it everywhere, so that tests can compare the assembly with it",
		})
	}
	test := path.Join(pkg.Dir, thing+"_test.go")
	if !slices.ContainsFunc(pkg.Files, func(f *File) bool { return f.Path == test }) {
		found = append(found, Violation{
			Pos: asm.Path, What: "no test",
			Do: "write " + test + ": it runs every implementation over lengths, strides, NaN and infinities, and guard bytes",
		})
	}
	return found
}

// constrained says whether file has a //go:build line.
func constrained(file *File) bool {
	for _, group := range file.AST.Comments {
		if group.Pos() > file.AST.Package {
			return false
		}
		if slices.ContainsFunc(group.List, func(c *ast.Comment) bool { return constraint.IsGoBuild(c.Text) }) {
			return true
		}
	}
	return false
}
