package archtest

import (
	"fmt"
	"go/ast"
	"slices"
	"strconv"
)

// programs are the rooms that own their process: they may print and exit.
var programs = []string{"cmd/...", "examples/..."}

// printers are the functions that write to the process's own streams, or end it.
var printers = map[string][]string{
	"fmt": {"Print", "Printf", "Println"},
	"log": {"Print", "Printf", "Println", "Fatal", "Fatalf", "Fatalln", "Panic", "Panicf", "Panicln"},
	"os":  {"Exit"},
}

// CheckCode returns what non-test code must not do: declare init functions anywhere,
// and print, log or exit on its own account in a library.
func CheckCode(tree *Tree) []Violation {
	var found []Violation
	for _, pkg := range tree.Packages {
		library := !slices.ContainsFunc(programs, func(pattern string) bool { return matches(pattern, pkg.Dir) })
		for file := range pkg.Sources {
			for _, fn := range functions(file) {
				if fn.Recv == nil && fn.Name.Name == "init" {
					found = append(found, Violation{
						Pos: tree.pos(fn), What: "init function",
						Do: "initialize in the variable's declaration, or in a constructor that the caller calls; join lists in one explicit slice",
					})
				}
			}
			if library {
				found = append(found, tree.prints(file)...)
			}
		}
	}
	return found
}

// prints returns the calls of file that write to the process's streams or end it.
func (t *Tree) prints(file *File) []Violation {
	names := importNames(file)
	var found []Violation
	for call := range calls(file.AST) {
		what := ""
		switch fn := call.Fun.(type) {
		case *ast.SelectorExpr:
			pkg, ok := fn.X.(*ast.Ident)
			if !ok {
				continue
			}
			if imported, ok := names[pkg.Name]; ok && slices.Contains(printers[imported], fn.Sel.Name) {
				what = imported + "." + fn.Sel.Name
			}
		case *ast.Ident:
			if fn.Name == "print" || fn.Name == "println" {
				what = fn.Name
			}
		}
		if what != "" {
			found = append(found, Violation{
				Pos: t.pos(call), What: fmt.Sprintf("a library calls %s", what),
				Do: "return a value or an error, write to an io.Writer or log to a *slog.Logger that the caller gives",
			})
		}
	}
	return found
}

// importNames maps the name under which file knows a package to its import path, for
// the packages of the standard library that printers names.
func importNames(file *File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.AST.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil || printers[imported] == nil {
			continue
		}
		name := imported
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = imported
	}
	return names
}

// calls yields the calls below n.
func calls(n ast.Node) func(yield func(*ast.CallExpr) bool) {
	return func(yield func(*ast.CallExpr) bool) {
		for node := range ast.Preorder(n) {
			if call, ok := node.(*ast.CallExpr); ok && !yield(call) {
				return
			}
		}
	}
}
